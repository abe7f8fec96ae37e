// A real n8n as a process of its own, with the packed package installed as users have it, driven over its REST API.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PACKAGE, unpackTo } from '../support/packed.mjs';
import { eventually } from '../support/sparkbot.mjs';

const APP = process.env.N8N_APP;
const NODE = join(process.env.N8N_NODE, 'node_modules/node/bin/node');
const require = createRequire(join(APP, 'package.json'));
const { parse } = require('flatted');
/** How long n8n may take to start, in milliseconds: 8 s on a machine at rest, minutes on one at load 10. */
const START = 240_000;
const EMAIL = 'owner@example.com';
const PASSWORD = 'Passw0rd1234';

/** A port that nobody has right now. */
async function freePort() {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

export class RealN8n {
	static async install() {
		const folder = await mkdtemp(join(tmpdir(), 'n8n-real-'));
		const { name } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
		const target = join(folder, '.n8n/nodes/node_modules', name);
		await unpackTo(target, folder);
		return new RealN8n(folder, await freePort(), await freePort());
	}

	constructor(folder, port, broker) {
		this.folder = folder;
		this.url = `http://127.0.0.1:${port}`;
		this.cookie = '';
		this.env = {
			PATH: process.env.PATH,
			HOME: folder,
			N8N_USER_FOLDER: folder,
			N8N_ENCRYPTION_KEY: 'a key of the tests, 32 characters.',
			DB_TYPE: 'sqlite',
			DB_SQLITE_POOL_SIZE: '2',
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_HOST: '127.0.0.1',
			N8N_PORT: String(port),
			N8N_PROTOCOL: 'http',
			N8N_SECURE_COOKIE: 'false',
			N8N_WEBHOOK_URL: `${this.url}/`,
			N8N_RUNNERS_BROKER_PORT: String(broker),
			N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
			N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
			N8N_REINSTALL_MISSING_PACKAGES: 'false',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			N8N_HIRING_BANNER_ENABLED: 'false',
			N8N_PUBLIC_API_DISABLED: 'true',
			N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
			N8N_INSTANCE_OWNER_EMAIL: EMAIL,
			N8N_INSTANCE_OWNER_PASSWORD_HASH: require('bcryptjs').hashSync(PASSWORD, 10),
		};
	}

	async start() {
		this.log = '';
		this.child = spawn(NODE, [join(APP, 'node_modules/n8n/bin/n8n'), 'start'], {
			env: this.env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream.on('data', (part) => (this.log = (this.log + part).slice(-20_000)));
		}
		const isReady = async () => {
			if (this.child.exitCode !== null) throw new Error(`n8n ended: ${this.log}`);
			return await fetch(`${this.url}/healthz/readiness`).then(
				({ ok }) => ok,
				() => false,
			);
		};
		await eventually('n8n is ready', isReady, START);
		await eventually('n8n lets its owner in', async () => {
			try {
				return await this.api('POST', '/rest/login', {
					emailOrLdapLoginId: EMAIL,
					password: PASSWORD,
				});
			} catch {
				return undefined;
			}
		});
	}

	async stop(signal = 'SIGTERM') {
		if (!this.child || this.child.exitCode !== null) return;
		const over = new Promise((resolve) => this.child.once('exit', resolve));
		this.child.kill(signal);
		await over;
	}

	async remove() {
		await this.stop();
		await rm(this.folder, { recursive: true, force: true });
	}

	async api(method, path, body) {
		const answer = await fetch(this.url + path, {
			method,
			headers: { 'content-type': 'application/json', cookie: this.cookie },
			body: body && JSON.stringify(body),
		});
		for (const cookie of answer.headers.getSetCookie()) {
			if (cookie.startsWith('n8n-auth=')) [this.cookie] = cookie.split(';');
		}
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
		const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
		return json.data ?? json;
	}

	/** Makes a credential; how a node names it. */
	async credential(data, type = 'sparkBotApi') {
		const made = await this.api('POST', '/rest/credentials', { name: type, type, data });
		return { [type]: { id: made.id, name: made.name } };
	}

	/** An example of `workflows/`, with the credential; `change` gets its nodes by name. */
	async import(file, change = () => {}) {
		const workflow = JSON.parse(await readFile(join(PACKAGE, 'workflows', file), 'utf8'));
		for (const node of workflow.nodes) {
			if (node.type.startsWith('n8n-nodes-sparkbot.')) node.credentials = this.credentials;
		}
		change(Object.fromEntries(workflow.nodes.map((node) => [node.name, node])));
		return await this.api('POST', '/rest/workflows', workflow);
	}

	/** Runs a workflow by its manual trigger; its run data. */
	async run(workflow, trigger = 'When clicking Execute') {
		const { executionId } = await this.api('POST', `/rest/workflows/${workflow.id}/run`, {
			workflowData: workflow,
			triggerToStartFrom: { name: trigger },
		});
		return await this.finished(executionId);
	}

	async finished(id) {
		return await eventually(`execution ${id} is over`, async () => {
			const { status, data, mode } = await this.api('GET', `/rest/executions/${id}`);
			if (['new', 'running', 'waiting'].includes(status)) return undefined;
			const { resultData } = typeof data === 'string' ? parse(data) : data;
			const items = (node, output = 0) => resultData.runData[node]?.[0].data?.main[output] ?? [];
			return { id, status, mode, resultData, items };
		});
	}

	/** The executions of a workflow, oldest first. */
	async executions(workflow) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
		const { results } = await this.api('GET', `/rest/executions?filter=${filter}&limit=100`);
		return results.reverse();
	}

	async activate({ id }) {
		const { versionId } = await this.api('GET', `/rest/workflows/${id}`);
		await this.api('POST', `/rest/workflows/${id}/activate`, { versionId });
	}

	async deactivate({ id }) {
		await this.api('POST', `/rest/workflows/${id}/deactivate`, {});
	}

	async list(methodName, filter, parameters = {}) {
		return await this.api('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
			path: 'parameters.device',
			methodName,
			filter,
			nodeTypeAndVersion: { name: 'n8n-nodes-sparkbot.sparkBot', version: 1 },
			currentNodeParameters: parameters,
			credentials: this.credentials,
		});
	}
}
