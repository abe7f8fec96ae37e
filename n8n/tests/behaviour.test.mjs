// How the node behaves whatever the action: order, linking, errors, trying again, pages, lists to pick from, cost.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { ACTION, by, N8n } from './support/n8n.mjs';
import { BEN, World } from './support/world.mjs';

const { SparkBotApi } = createRequire(import.meta.url)(
	'../dist/credentials/SparkBotApi.credentials.js',
);

let world;
let n8n;

before(async () => {
	world = await World.begin();
	n8n = world.n8n;
});

after(async () => {
	await world?.server.stop();
});

const text = (message, more = {}) => ({
	resource: 'message',
	operation: 'sendTextMessage',
	device: world.number,
	target: 'phone',
	phone: BEN,
	message,
	...more,
});

const items = (...values) => values.map((n) => ({ json: { n } }));

const bensTexts = async () => (await world.ben.messages()).map((message) => message.text);

test('items go out in order and stay linked', async () => {
	const done = await n8n.run(text('=in order {{ $json.n }}'), items(1, 2, 3, 4, 5));
	assert.deepEqual(
		done.items.map(({ pairedItem }) => pairedItem),
		[0, 1, 2, 3, 4].map((item) => ({ item })),
	);
	await world.ben.sees((message) => message.text === 'in order 5');
	const seen = (await bensTexts()).filter((one) => one?.startsWith('in order'));
	assert.deepEqual(
		seen,
		[1, 2, 3, 4, 5].map((n) => `in order ${n}`),
	);
});

test('lists of several items are linked to the item that asked, and Simplify keeps what it names', async () => {
	const all = await world.api('GET', '/v1/devices');
	const asked = { resource: 'number', operation: 'getNumbers', returnAll: true };
	const { items: simple } = await n8n.run(asked, items(1, 2));
	assert.deepEqual(
		simple.map(({ json, pairedItem }) => [json.id, pairedItem]),
		[0, 1].flatMap((item) => all.map(({ id }) => [id, { item }])),
	);
	const { items: whole } = await n8n.run({ ...asked, simplify: false });
	assert.deepEqual(
		whole.map(({ json }) => Object.keys(json)),
		all.map((one) => Object.keys(one)),
	);
	const few = Object.keys(simple[0].json);
	assert.ok(few.length > 3 && few.length < Object.keys(all[0]).length / 2, few.join());
	assert.deepEqual([simple[0].json.phone, simple[0].json.alias], [all[0].phone, all[0].alias]);
	assert.deepEqual(simple[0].json.session, { status: all[0].session.status });
});

test('what the API refuses is an error in its words, with its hint, and ends the items after it', async () => {
	const phone = `={{ $json.n === 2 ? "+1999" : "${BEN}" }}`;
	const done = await n8n.run(text('=stops {{ $json.n }}', { phone }), items(1, 2, 3));
	assert.match(done.error.message, /'\+1999'/);
	assert.ok(done.error.description.length > 10);
	assert.equal(done.error.context.itemIndex, 1);
	await world.ben.sees((message) => message.text === 'stops 1');
	assert.ok(!(await bensTexts()).includes('stops 3'));

	const going = await n8n.run(text('=goes on {{ $json.n }}', { phone }), items(1, 2, 3), {
		onError: 'continueErrorOutput',
	});
	assert.equal(going.error, undefined);
	assert.deepEqual(
		going.items.map(({ pairedItem }) => pairedItem.item),
		[0, 2],
	);
	const [failed, ...more] = going.failed;
	assert.deepEqual([more, failed.pairedItem], [[], { item: 1 }]);
	assert.match(failed.json.error, /'\+1999'/);
	assert.equal(failed.json.details.code, 'phone:invalid');
	assert.equal(failed.json.details.httpCode, '400');
	await world.ben.sees((message) => message.text === 'goes on 3');
});

test('trying again sends nothing twice: the node, or the execution as a whole', async () => {
	const execution = 'first';
	const contextData = {};
	const once = async (id) =>
		await n8n.run(text('=once {{ $json.n }}'), items(1, 2), {}, { execution: id, contextData });
	const first = await once(execution);
	const ids = first.items.map(({ json }) => json.id);
	const again = await once(execution);
	assert.deepEqual(
		again.items.map(({ json }) => json.id),
		ids,
	);
	// n8n keeps the context with an execution that is retried, under a new id.
	const retried = await once('second');
	assert.deepEqual(
		retried.items.map(({ json }) => json.id),
		ids,
	);
	const another = await n8n.run(
		text('=once {{ $json.n }}'),
		items(1, 2),
		{},
		{ execution: 'third' },
	);
	assert.ok(another.items.every(({ json }) => !ids.includes(json.id)));
	await world.until(
		'both runs on the phone',
		async () => (await bensTexts()).filter((one) => one === 'once 2').length === 2,
	);
	assert.equal((await bensTexts()).filter((one) => one === 'once 1').length, 2);
});

test('whatever a node is called by n8n makes a key that the API takes', async () => {
	for (const id of ['Tell Ben', 'Grüße an alle', 'x'.repeat(400)]) {
		const done = await n8n.run(text(`by ${id.slice(0, 20)}`), items(1), { id });
		assert.equal(done.error, undefined, done.error?.message);
	}
});

test('Retry On Fail after an answer that got lost sends nothing twice', async () => {
	let lost = 0;
	const between = createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const answer = await fetch(world.server.url + request.url, {
			method: request.method,
			headers: {
				token: request.headers.token,
				'content-type': request.headers['content-type'] ?? '',
				'idempotency-key': request.headers['idempotency-key'] ?? '',
			},
			body: parts.length ? Buffer.concat(parts) : undefined,
		});
		const body = Buffer.from(await answer.arrayBuffer());
		if (request.method === 'POST' && lost++ === 0) return request.socket.destroy();
		response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') });
		response.end(body);
	});
	await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
	const other = await N8n.load({
		...world.server.credential,
		baseUrl: `http://127.0.0.1:${between.address().port}/`,
	});
	const done = await other.run(text('retried'), items(1), {
		retryOnFail: true,
		maxTries: 2,
		waitBetweenTries: 0,
	});
	assert.equal(done.error, undefined);
	assert.equal(lost, 2);
	await world.ben.sees((message) => message.text === 'retried');
	await n8n.run(text('after the retry'));
	await world.ben.sees((message) => message.text === 'after the retry');
	assert.equal((await bensTexts()).filter((one) => one === 'retried').length, 1);
	between.close();
	between.closeAllConnections();
});

/** A server that answers as it is told, to see what the node asks. */
async function pretend(answer, run) {
	const asked = [];
	const server = createServer((request, response) => {
		asked.push({ url: request.url, at: Date.now(), key: request.headers['idempotency-key'] });
		const {
			status = 200,
			headers = {},
			body = {},
		} = answer(asked.length, new URL(request.url, 'http://x'));
		response.writeHead(status, { 'content-type': 'application/json', ...headers });
		response.end(JSON.stringify(body));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const baseUrl = `http://127.0.0.1:${server.address().port}`;
	try {
		await run(await N8n.load({ baseUrl, apiKey: 'x' }), asked);
	} finally {
		server.close();
		server.closeAllConnections();
	}
}

test('a 429 is waited for as long as it says', async () => {
	await pretend(
		(count) =>
			count === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { body: { id: 'm' } },
		async (other, asked) => {
			const done = await other.run(text('slowly'));
			assert.equal(done.items[0].json.id, 'm');
			assert.equal(asked.length, 2);
			assert.ok(asked[1].at - asked[0].at >= 990);
			assert.equal(asked[0].key, asked[1].key);
		},
	);
});

test('what would take too long to wait for, and what will not go away, is told at once', async () => {
	const told = { message: 'WhatsApp gives this number no further code today', hint: 'Scan a QR' };
	const code = {
		resource: 'session',
		operation: 'requestAuthenticationCode',
		device: world.number,
		phone: BEN,
	};
	await pretend(
		(count) =>
			count === 1
				? {
						status: 429,
						headers: { 'retry-after': '3600' },
						body: { ...told, errorCode: 'session:too_many' },
					}
				: {
						status: 503,
						body: {
							...told,
							message: 'WhatsApp can not be reached',
							errorCode: 'session:unreachable',
						},
					},
		async (other, asked) => {
			const { error: limited } = await other.run(code);
			assert.equal(limited.message, told.message);
			assert.equal(limited.description, told.hint);
			assert.deepEqual([limited.httpCode, limited.context.errorCode], ['429', 'session:too_many']);
			const { error: away } = await other.run(code);
			assert.deepEqual(
				[away.message, away.context.errorCode],
				['WhatsApp can not be reached', 'session:unreachable'],
			);
			assert.equal(asked.length, 2);
		},
	);
});

test('Return All reads page after page, Limit no more than it needs', async () => {
	const all = Array.from({ length: 450 }, (_, id) => ({ id: String(id) }));
	const list = { resource: 'number', operation: 'getNumbers', simplify: false };
	const page = (_, { searchParams: query }) => {
		const size = Number(query.get('size'));
		return {
			body: all.slice(Number(query.get('page')) * size, (Number(query.get('page')) + 1) * size),
		};
	};
	await pretend(page, async (other, asked) => {
		assert.equal((await other.run({ ...list, returnAll: true })).items.length, 450);
		assert.equal(asked.length, 3);
		const some = await other.run({ ...list, returnAll: false, limit: 250 });
		assert.deepEqual(
			some.items.map(({ json }) => json.id),
			all.slice(0, 250).map(({ id }) => id),
		);
		assert.equal(asked.length, 5);
	});
});

test('a server that is not there is told as such', async () => {
	const other = await N8n.load({ baseUrl: 'http://127.0.0.1:9', apiKey: 'x' });
	const { error } = await other.run(text('to nobody'));
	assert.match(error.message, /^SparkBot does not answer at http:\/\/127\.0\.0\.1:9/);
	assert.match(error.description, /base URL/);
});

test('the test of the credential tells a bad key from a wrong address', async () => {
	const { test: check } = new SparkBotApi();
	const answered = async (key) =>
		(await fetch(world.server.url + check.request.url, { headers: { Token: key } })).status;
	assert.equal(await answered(world.server.key), 200);
	assert.equal(await answered('0'.repeat(80)), 401);
	const told = Object.fromEntries(
		check.rules.map(({ properties }) => [properties.value, properties.message]),
	);
	assert.match(told[401], /does not know this API key/);
	assert.match(told[404], /no SparkBot/);
});

test('every list to pick from answers, and searches', async () => {
	const { device, api } = { device: world.device, api: world.api.bind(world) };
	await world.received('For the lists');
	await api('POST', `/v1/devices/${device}/departments`, { name: 'Sales' });
	await api('POST', `/v1/devices/${device}/departments`, { name: 'Support' });
	await api('POST', '/v1/files', { url: 'data:text/plain;base64,SGk=', filename: 'hi.txt' });
	await api('POST', '/v1/webhooks', {
		name: 'Orders',
		url: 'http://127.0.0.1:9/',
		events: ['chat:update'],
	});
	await api('POST', `/v1/devices/${device}/groups`, {
		name: 'Launch',
		participants: [{ phone: BEN }],
	});
	await api('POST', `/v1/devices/${device}/labels`, { name: 'vip', color: 'gold' });
	await api('POST', `/v1/devices/${device}/channels`, { name: 'News' });
	await api('POST', '/v1/campaigns', { name: 'Spring', device });
	const form = { resource: 'message', operation: 'sendTextMessage', device: world.number };
	const expected = {
		searchNumbers: ['ana', /^Ana \(\+16001230001\)$/],
		searchGroups: ['lau', /^Launch$/],
		searchChats: ['ben', /^Ben \(/],
		searchAgents: ['', /./],
		searchDepartments: ['supp', /^Support$/],
		searchFiles: ['hi', /^hi\.txt \(text\/plain\)$/],
		searchWebhooks: ['ord', /^Orders \(http/],
		searchContacts: ['ben', /^Ben \(\+/],
		searchLabels: ['vi', /^vip$/],
		searchChannels: ['ne', /^News$/],
		searchCampaigns: ['spr', /^Spring$/],
	};
	for (const [method, [filter, name]] of Object.entries(expected)) {
		const { results } = await world.until(`${method} answers`, async () => {
			const found = await n8n.list(method, form, filter);
			return found.results.length > 0 && found;
		});
		assert.equal(results.length, 1, `${method}: ${JSON.stringify(results)}`);
		assert.match(results[0].name, name, method);
		assert.ok(results[0].value, method);
		const none = await n8n.list(method, form, 'nothing is called this');
		assert.deepEqual(none.results, [], method);
	}
	assert.deepEqual((await n8n.options('getAgents', form)).length, 1);
	assert.deepEqual(
		(await n8n.options('getNumbers', form)).map(({ value }) => value),
		[device],
	);
	const { results } = await n8n.list('searchGroups', { ...form, device: by('') });
	assert.deepEqual(results, []);
	const bad = await N8n.load({ ...world.server.credential, apiKey: '0'.repeat(80) });
	await assert.rejects(bad.list('searchNumbers'), (error) => /key/i.test(error.message));
});

test('every list that a form names exists', () => {
	const named = new Set(
		JSON.stringify(n8n.description(ACTION)).match(/(search|get)(?=[A-Z])\w+(?=")/g),
	);
	const { methods } = n8n.nodeTypes.getByNameAndVersion(ACTION, 1);
	const wanted = JSON.stringify(n8n.description(ACTION).properties);
	for (const [, method] of wanted.matchAll(/"searchListMethod":"(\w+)"/g)) {
		assert.ok(methods.listSearch[method], method);
	}
	for (const [, method] of wanted.matchAll(/"loadOptionsMethod":"(\w+)"/g)) {
		assert.ok(methods.loadOptions[method], method);
	}
	assert.ok(named.size > 0);
});
