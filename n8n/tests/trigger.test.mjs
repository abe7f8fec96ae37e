// What the trigger believes and passes on, apart from n8n; its life in a real n8n is in tests/real.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { isSigned } = require('../dist/nodes/SparkBotTrigger/signature.js');
const { isOfTypes } = require('../dist/nodes/SparkBotTrigger/chatTypes.js');
const { isNew } = require('../dist/nodes/SparkBotTrigger/memory.js');
const { exists, make, remove } = require('../dist/nodes/SparkBotTrigger/registration.js');

test('only what was signed just now with the secret is believed', () => {
	const body = Buffer.from('{"event":"message:in:new","text":"é"}');
	const now = String(Math.floor(Date.now() / 1000));
	const signed = (secret, timestamp, bytes = body) => ({
		'x-sparkbot-timestamp': timestamp,
		'x-sparkbot-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(bytes).digest('hex')}`,
	});
	assert.ok(isSigned(body, signed('whsec_a', now), 'whsec_a'));
	assert.ok(!isSigned(body, signed('whsec_b', now), 'whsec_a'));
	assert.ok(!isSigned(Buffer.from('{}'), signed('whsec_a', now), 'whsec_a'));
	assert.ok(!isSigned(body, signed('whsec_a', String(now - 3600)), 'whsec_a'));
	assert.ok(!isSigned(body, { ...signed('whsec_a', now), 'x-sparkbot-timestamp': '1' }, 'whsec_a'));
	assert.ok(!isSigned(body, {}, 'whsec_a'));
	assert.ok(!isSigned(body, signed('', now), ''));
	assert.ok(!isSigned(body, signed('whsec_a', now), undefined));
});

test('chat types are told by the chat', () => {
	const message = (id) => ({ id: '3EB0', chat: { id } });
	assert.ok(isOfTypes(message('1203@g.us'), ['group']));
	assert.ok(!isOfTypes(message('1203@g.us'), ['chat']));
	assert.ok(isOfTypes(message('16001230002@c.us'), ['chat', 'status']));
	assert.ok(isOfTypes(message('1203@newsletter'), ['channel']));
	assert.ok(isOfTypes(message('1203@newsletter'), []));
	assert.ok(isOfTypes({ status: 'online' }, ['group']));
});

test('an event that comes again is known, for each webhook by itself', () => {
	assert.ok(isNew('one', 'event'));
	assert.ok(!isNew('one', 'event'));
	assert.ok(isNew('two', 'event'));
	for (let n = 0; n < 600; n++) assert.ok(isNew('three', String(n)));
	assert.ok(isNew('three', '0'));
	assert.ok(!isNew('three', '599'));
});

/** What n8n gives a trigger, with a SparkBot that answers as told. */
async function hooks(
	answers,
	{ mode = 'trigger', activation = 'activate', memory = {}, options = {}, device = '' },
	run,
) {
	const asked = [];
	const server = createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const what = `${request.method} ${request.url.split('?')[0]}`;
		asked.push(what + (parts.length ? ` ${Buffer.concat(parts)}` : ''));
		const [status, body] = answers[what] ?? [200, {}];
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = 'http://n8n.test/webhook/x';
	const context = {
		getWorkflowStaticData: () => memory,
		getNodeWebhookUrl: () => url,
		getWorkflow: () => ({ id: 'w', name: 'A workflow with a rather long name' }),
		getNode: () => ({ name: 'T', type: 't', typeVersion: 1, parameters: {} }),
		getMode: () => mode,
		getActivationMode: () => activation,
		getCredentials: async () => ({ baseUrl: `http://127.0.0.1:${server.address().port}` }),
		getNodeParameter: (name) =>
			({ events: ['message:in:new'], device: { value: device }, options })[name],
		helpers: {
			async httpRequestWithAuthentication(_, { method, url: to, headers, body }) {
				const answer = await fetch(to, { method, headers, body });
				return {
					statusCode: answer.status,
					headers: Object.fromEntries(answer.headers),
					body: await answer.arrayBuffer(),
				};
			},
		},
	};
	try {
		return await run(context, asked, memory);
	} finally {
		server.close();
		server.closeAllConnections();
	}
}

const known = { id: 'h1', secret: 'whsec_a' };
const made = { 'POST /v1/webhooks': [201, { id: 'h2', secret: 'whsec_b', position: 9 }] };

test('a webhook that was given up goes on where it stopped, and is not removed meanwhile', async () => {
	const failed = { 'GET /v1/webhooks/h1': [200, { id: 'h1', status: 'failed', position: 5 }] };
	await hooks(failed, { memory: { ...known } }, async (context, asked, memory) => {
		await remove(context);
		assert.deepEqual(asked, ['GET /v1/webhooks/h1']);
		assert.deepEqual(memory, known);
		assert.equal(await exists(context), true);
		assert.ok(asked.includes('POST /v1/webhooks/h1/enable'));
		assert.ok(asked.some((what) => what.startsWith('PATCH /v1/webhooks/h1 ')));
	});
});

test('a webhook whose secret is lost is made anew', async () => {
	const there = { 'GET /v1/webhooks': [200, [{ id: 'h0', url: 'http://n8n.test/webhook/x' }]] };
	await hooks({ ...there, ...made }, {}, async (context, asked, memory) => {
		assert.equal(await exists(context), false);
		assert.ok(asked.includes('DELETE /v1/webhooks/h0'));
		await make(context);
		assert.deepEqual(memory, { id: 'h2', secret: 'whsec_b' });
		assert.ok(!asked.some((what) => what.includes('replay')));
	});
});

test('a workflow that was saved anew misses nothing; one that was inactive only catches up when told', async () => {
	const replayed = async (more, wanted) =>
		await hooks(made, { memory: { position: 7 }, ...more }, async (context, asked) => {
			await make(context);
			const replay = 'POST /v1/webhooks/h2/replay {"after":7}';
			assert.equal(asked.includes(replay), wanted, JSON.stringify(more));
		});
	await replayed({ activation: 'update' }, true);
	await replayed({ activation: 'activate' }, false);
	await replayed({ activation: 'activate', options: { catchUp: true } }, true);
	await replayed({ activation: 'manual', mode: 'manual' }, false);
});

test('the webhook is for the events and the number of the form, and follows them', async () => {
	const told = async (device) =>
		await hooks(made, { device, memory: {} }, async (context, asked) => {
			await make(context);
			const body = asked.find((what) => what.startsWith('POST /v1/webhooks '));
			return JSON.parse(body.slice(body.indexOf('{')));
		});
	assert.deepEqual((await told('d1')).events, ['message:in:new']);
	assert.equal((await told('d1')).device, 'd1');
	assert.equal((await told('')).device, null);
	const there = { 'GET /v1/webhooks/h1': [200, { id: 'h1', status: 'active', position: 5 }] };
	await hooks(there, { device: 'd2', memory: { ...known } }, async (context, asked) => {
		assert.equal(await exists(context), true);
		const changed = asked.find((what) => what.startsWith('PATCH /v1/webhooks/h1 '));
		assert.match(changed, /"device":"d2"/);
	});
});
