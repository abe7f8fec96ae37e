// n8n without a server: its own loader and its own execution engine run one node of the built package. Made up are
// only the helper that decrypts credentials, and n8n's own addresses.

import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-'));
process.env.N8N_ENCRYPTION_KEY = 'a key of the tests, 32 characters.';

const require = createRequire(import.meta.url);
const {
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PackageDirectoryLoader,
	WorkflowExecute,
} = require('n8n-core');
const { NodeHelpers, Workflow, createRunExecutionData } = require('n8n-workflow');

const PACKAGE = new URL('../..', import.meta.url).pathname;
const CREDENTIAL = { sparkBotApi: { id: 'one', name: 'SparkBot' } };
const ADDRESSES = [
	'restApiUrl',
	'instanceBaseUrl',
	'webhookBaseUrl',
	'webhookWaitingBaseUrl',
	'webhookTestBaseUrl',
	'formBaseUrl',
	'formWaitingBaseUrl',
	'formTestBaseUrl',
	'mcpBaseUrl',
	'mcpTestBaseUrl',
];

export const ACTION = 'n8n-nodes-sparkbot.sparkBot';
export const TRIGGER = 'n8n-nodes-sparkbot.sparkBotTrigger';

/** A node that passes items on, for both ends of the workflow. */
const pass = (name) => ({
	description: {
		name,
		displayName: name,
		group: ['transform'],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	},
	async execute() {
		return [this.getInputData()];
	},
});

let executions = 0;

export class N8n {
	/** `credential` is `{baseUrl, apiKey}`. */
	static async load(credential) {
		const loader = new PackageDirectoryLoader(PACKAGE);
		await loader.loadAll();
		return new N8n(loader, credential);
	}

	constructor(loader, credential) {
		this.loader = loader;
		this.credential = credential;
		const start = pass('start');
		const get = (type, version) => {
			if (type.startsWith('test.')) return start;
			return NodeHelpers.getVersionedNodeType(loader.getNode(type.split('.').pop()).type, version);
		};
		this.nodeTypes = { getByName: get, getByNameAndVersion: get, getKnownTypes: () => ({}) };
	}

	description(type) {
		return this.nodeTypes.getByNameAndVersion(type, 1).description;
	}

	#additional(executionId) {
		const { loader, credential } = this;
		const credentialsHelper = {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			async preAuthentication() {},
			async runPreAuthentication() {},
			getDecrypted: async () => credential,
			getCredentialsProperties: (type) => loader.getCredential(type).type.properties,
			async getCredentials() {},
			async updateCredentials() {},
			async updateCredentialsOauthTokenData() {},
			authenticate: async (given, type, options) =>
				await loader.getCredential(type).type.authenticate(given, options),
		};
		return {
			credentialsHelper,
			variables: {},
			...Object.fromEntries(ADDRESSES.map((name) => [name, `http://n8n.test/${name}`])),
			currentNodeExecutionIndex: 0,
			logAiEvent() {},
			getRuntimeCredential: async () => undefined,
			executionId,
			userId: 'somebody',
			hooks: new ExecutionLifecycleHooks('manual', executionId, {
				id: 'w',
				name: 'w',
				nodes: [],
				connections: {},
				active: false,
			}),
		};
	}

	/**
	 * Runs the node on items and gives `{items, error, failed}`: the first output, the error that stopped it, and
	 * the error output. `again` is the run data of an execution that is tried again.
	 */
	async run(
		parameters,
		items = [{ json: {} }],
		node = {},
		{ execution, contextData = {}, runs = 1 } = {},
	) {
		const id = execution ?? `e${++executions}`;
		const workflow = new Workflow({
			id: 'w',
			nodes: [
				{
					id: '1',
					name: 'Start',
					type: 'test.start',
					typeVersion: 1,
					position: [0, 0],
					parameters: {},
				},
				{
					id: '2',
					name: 'SparkBot',
					type: ACTION,
					typeVersion: 1,
					position: [0, 0],
					credentials: CREDENTIAL,
					parameters,
					...node,
				},
			],
			connections: { Start: { main: [[{ node: 'SparkBot', type: 'main', index: 0 }]] } },
			active: false,
			nodeTypes: this.nodeTypes,
			settings: { executionOrder: 'v1', timezone: 'Europe/Lisbon' },
		});
		const data = createRunExecutionData({
			startData: {},
			resultData: { runData: {} },
			executionData: {
				contextData,
				metadata: {},
				waitingExecution: {},
				waitingExecutionSource: {},
				nodeExecutionStack: Array.from({ length: runs }, () => ({
					node: workflow.getNode('Start'),
					data: { main: [items] },
					source: null,
				})),
			},
		});
		const done = await new WorkflowExecute(
			this.#additional(id),
			'manual',
			data,
		).processRunExecutionData(workflow);
		const run = done.data.resultData.runData.SparkBot?.[0];
		return {
			items: run?.data?.main[0] ?? [],
			failed: run?.data?.main[1] ?? [],
			error: done.data.resultData.error,
			contextData: done.data.executionData?.contextData,
		};
	}

	/** An action on one item: its output, or the error it throws. */
	async act(resource, operation, parameters = {}, items) {
		const done = await this.run({ resource, operation, ...parameters }, items);
		if (done.error) throw done.error;
		return done.items;
	}

	/** The JSON of the only item that an action answers. */
	async one(resource, operation, parameters = {}, items) {
		const [item, ...more] = await this.act(resource, operation, parameters, items);
		if (more.length || !item) throw new Error(`${operation} answered ${more.length + 1} items`);
		return item.json;
	}

	#dropdown(type, parameters) {
		const node = {
			id: 't',
			name: 'T',
			type,
			typeVersion: 1,
			position: [0, 0],
			parameters,
			credentials: CREDENTIAL,
		};
		const workflow = new Workflow({
			id: 'w',
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes: this.nodeTypes,
		});
		const { methods } = this.nodeTypes.getByNameAndVersion(type, 1);
		return {
			methods,
			context: new LoadOptionsContext(
				workflow,
				workflow.nodes.T,
				{ ...this.#additional('0'), currentNodeParameters: parameters },
				'',
			),
		};
	}

	/** "From List" of a resource locator. */
	async list(method, parameters = {}, filter, token, type = ACTION) {
		const { methods, context } = this.#dropdown(type, parameters);
		return await methods.listSearch[method].call(context, filter, token);
	}

	async options(method, parameters = {}) {
		const { methods, context } = this.#dropdown(ACTION, parameters);
		return await methods.loadOptions[method].call(context);
	}
}

/** A resource locator by id. */
export const by = (value) => ({ __rl: true, mode: 'id', value });
