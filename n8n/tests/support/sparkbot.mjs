// A real SparkBot with its sandbox, and the phones in it.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BINARY =
	process.env.INTEROP_BINARY ?? new URL('../../../target/debug/sparkbot', import.meta.url).pathname;

/** How long anything may take before a test gives up, in milliseconds. */
export const DEADLINE = 60_000;

const pause = async (ms) => await new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again until there is an answer. */
export async function eventually(what, ask, patience = DEADLINE) {
	const end = Date.now() + patience;
	for (;;) {
		const found = await ask();
		if (found) return found;
		if (Date.now() > end) throw new Error(`${what} did not happen within ${patience} ms`);
		await pause(25);
	}
}

async function asked(url, method, body, headers = {}) {
	const answer = await fetch(url, {
		method,
		headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
	return text === '' ? undefined : JSON.parse(text);
}

export class SparkBot {
	/** Further arguments of `sparkbot serve`; `folder` and `key` of a server that ran before. */
	static async start(more = [], { folder, key, listen = '127.0.0.1:0', sandboxUrl } = {}) {
		folder ??= await mkdtemp(join(tmpdir(), 'sparkbot-'));
		const sandbox = sandboxUrl
			? ['--sandbox-url', sandboxUrl]
			: ['--sandbox', '--sandbox-control', '127.0.0.1:0', '--sandbox-socket', '127.0.0.1:0'];
		const child = spawn(
			BINARY,
			[
				'serve',
				'--json',
				'--listen',
				listen,
				'--data-dir',
				join(folder, 'data'),
				...sandbox,
				'--log-level',
				'warn',
				'--set',
				'network.allowed=["127.0.0.0/8"]',
				...more,
			],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		const lines = createInterface({ input: child.stdout });
		const ready = await new Promise((resolve, reject) => {
			child.once('exit', (code) =>
				reject(new Error(`sparkbot ended with ${code} before it was ready`)),
			);
			child.once('error', reject);
			lines.once('line', (line) => resolve(JSON.parse(line)));
		});
		child.removeAllListeners('exit');
		return new SparkBot(
			child,
			folder,
			ready,
			ready.key ?? key,
			ready.sandbox?.control ?? sandboxUrl,
		);
	}

	constructor(child, folder, ready, key, control) {
		this.child = child;
		this.folder = folder;
		this.url = ready.api;
		this.key = key;
		this.control = control;
	}

	get credential() {
		return { baseUrl: this.url, apiKey: this.key };
	}

	async end() {
		if (this.child.exitCode !== null) return;
		const over = new Promise((resolve) => this.child.once('exit', resolve));
		this.child.kill('SIGTERM');
		await over;
	}

	async stop() {
		await this.end();
		await rm(this.folder, { recursive: true, force: true });
	}

	/** The API, as any other client uses it. */
	async api(method, path, body) {
		return await asked(this.url + path, method, body, { Token: this.key });
	}

	/** The sandbox's own side. */
	async sandbox(method, path, body) {
		return await asked(this.control + path, method, body);
	}

	/** A number that is linked to a phone of the sandbox and online. */
	async number(phone, alias = phone) {
		await this.sandbox('POST', '/phones', { phone, name: alias });
		const { id } = await this.api('POST', '/v1/devices', { alias });
		await this.link(id, phone);
		return id;
	}

	async link(id, phone) {
		const { code } = await this.api('POST', `/v1/devices/${id}/authcode`, { phone });
		await this.sandbox('POST', `/phones/${phone}/link`, { code });
		await this.online(id);
	}

	async online(id) {
		return await eventually(`${id} online`, async () => {
			const device = await this.api('GET', `/v1/devices/${id}`);
			return device.session?.status === 'online' && device;
		});
	}

	async phone(phone, name) {
		await this.sandbox('POST', '/phones', { phone, name });
		return new Phone(this, phone);
	}
}

/** A simulated phone, and what its owner sees. */
export class Phone {
	constructor(server, phone) {
		this.server = server;
		this.phone = phone;
		this.after = 0;
	}

	async write(to, text) {
		return await this.server.sandbox('POST', `/phones/${this.phone}/messages`, { to, text });
	}

	async say(to, message) {
		return await this.server.sandbox('POST', `/phones/${this.phone}/messages`, { to, ...message });
	}

	/** The next message that fits; each is looked at once. */
	async sees(fits, patience = DEADLINE) {
		const end = Date.now() + patience;
		const seen = [];
		while (Date.now() < end) {
			const { messages, last } = await this.server.sandbox(
				'GET',
				`/phones/${this.phone}/messages?after=${this.after}&wait=2000`,
			);
			for (const message of messages) {
				this.after = message.seq;
				if (fits(message)) return message;
				seen.push(`${message.kind}: ${message.text ?? ''}`);
			}
			if (!messages.length) this.after = last;
		}
		throw new Error(`${this.phone} did not see it, but: ${seen.join(' | ')}`);
	}

	/** The messages it has got so far. */
	async messages() {
		return (await this.server.sandbox('GET', `/phones/${this.phone}/messages?limit=1000`)).messages;
	}

	/** An event of the phone that fits. */
	async event(fits, after = 0) {
		const end = Date.now() + DEADLINE;
		let from = after;
		while (Date.now() < end) {
			const { events, last } = await this.server.sandbox(
				'GET',
				`/phones/${this.phone}/events?after=${from}&wait=2000`,
			);
			const found = events.find(fits);
			if (found) return found;
			from = last;
		}
		throw new Error(`${this.phone} had no such event`);
	}
}
