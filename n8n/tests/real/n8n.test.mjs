// A real n8n: the example workflows, the list of numbers, the test of the credential, the trigger's life.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { SparkBot, eventually } from '../support/sparkbot.mjs';
import { agentWorkflow, model } from './model.mjs';
import { RealN8n } from './n8n.mjs';

const ANA = '+16001230001';
const BEN = '+16001230002';
const CLEO = '+16001230003';

let server;
let n8n;
let device;
let ben;
let cleo;

/** The longer n8n takes to start, the later the next delivery is tried. */
const RETRY = 300_000;
const isReply = ({ fromMe, text }) => !fromMe && text?.startsWith('We are open');
const close = (listener) => {
	listener.close();
	listener.closeAllConnections();
};
const webhooks = async () => await server.api('GET', '/v1/webhooks');

before(async () => {
	[server, n8n] = await Promise.all([SparkBot.start(), RealN8n.install()]);
	await n8n.start();
	n8n.credentials = await n8n.credential(server.credential);
	device = await server.number(ANA, 'Ana');
	ben = await server.phone(BEN, 'Ben');
	cleo = await server.phone(CLEO, 'Cleo');
});

after(async () => {
	await n8n?.remove();
	await server?.stop();
});

test('the credential is tested, and a bad key is explained', async () => {
	const told = async (data) =>
		await n8n.api('POST', '/rest/credentials/test', {
			credentials: { id: '', name: 'x', type: 'sparkBotApi', data },
		});
	assert.equal((await told(server.credential)).status, 'OK');
	const bad = await told({ ...server.credential, apiKey: '0'.repeat(80) });
	assert.equal(bad.status, 'Error');
	assert.match(bad.message, /does not know this API key/);
	const wrong = await told({ baseUrl: server.control, apiKey: server.key });
	assert.match(wrong.message, /no SparkBot/);
});

test('n8n shows both nodes and the tool, with icons for both themes', async () => {
	const types = await n8n.api('GET', '/types/nodes.json');
	const of = (name) => types.find((type) => type.name === `n8n-nodes-sparkbot.${name}`);
	assert.deepEqual(of('sparkBotTool').outputs, ['ai_tool']);
	for (const name of ['sparkBot', 'sparkBotTrigger']) {
		const { codex, iconUrl } = of(name);
		assert.ok(codex.categories.includes('Communication'), name);
		for (const url of [iconUrl.light, iconUrl.dark]) {
			assert.match(String(await n8n.api('GET', `/${url}`)), /<svg/, url);
		}
	}
});

test('an AI agent uses the node as its tool, as often as it wants to', async (t) => {
	const texts = ['ready', 'waiting at the counter', 'yours until Friday'].map(
		(what) => `Your order is ${what}`,
	);
	// One call, then two at once: each is a message of its own.
	const [first, ...both] = texts.map((text) => ({ What_to_say: text }));
	const fake = await model([[first], both]);
	t.after(() => fake.close());
	const openAi = await n8n.credential({ apiKey: 'x', url: fake.url }, 'openAiApi');
	const tool = {
		descriptionType: 'manual',
		toolDescription: 'Sends Ben a text',
		resource: 'message',
		operation: 'sendTextMessage',
		device: { __rl: true, mode: 'id', value: device },
		target: 'phone',
		phone: BEN,
		message: "={{ $fromAI('What_to_say', 'The text', 'string') }}",
	};
	const workflow = agentWorkflow(tool, n8n.credentials, openAi);
	const done = await n8n.run(await n8n.api('POST', '/rest/workflows', workflow));
	assert.equal(done.status, 'success', JSON.stringify(done.resultData.error));
	for (const run of done.resultData.runData['Tell Ben']) {
		assert.equal(run.executionStatus, 'success', run.error?.message);
	}
	const answers = fake.asked.at(-1).messages.filter(({ role }) => role === 'tool');
	assert.equal(answers.length, 3);
	for (const { content } of answers) assert.match(content, /"id"/);
	await eventually('Ben has all three, once each', async () => {
		const seen = (await ben.messages())
			.map(({ text }) => text)
			.filter((text) => texts.includes(text));
		return seen.length === 3 && new Set(seen).size === 3;
	});
});

test('the list of numbers shows them and searches', async () => {
	const { results } = await n8n.list('searchNumbers', '');
	assert.deepEqual(results, [{ name: `Ana (${ANA})`, value: device }]);
	assert.deepEqual((await n8n.list('searchNumbers', 'nobody')).results, []);
	const form = { device: { __rl: true, mode: 'list', value: device } };
	await server.api('POST', `/v1/devices/${device}/departments`, { name: 'Support' });
	const departments = await n8n.list('searchDepartments', 'supp', form);
	assert.equal(departments.results[0].name, 'Support');
});

test('example: a number is linked by code', async () => {
	const phone = '+16001234560';
	await server.sandbox('POST', '/phones', { phone, name: 'Support' });
	const done = await n8n.run(await n8n.import('link-a-number.json'));
	assert.equal(done.status, 'success', JSON.stringify(done.resultData.error));
	const [{ json }] = done.items('Request Authentication Code');
	assert.equal(json.phone, phone);
	await server.sandbox('POST', `/phones/${phone}/link`, { code: json.code });
	const [{ json: number }] = done.items('Create Number');
	assert.equal((await server.online(number.id)).phone, phone);
	await server.api('DELETE', `/v1/devices/${number.id}`);
});

test('example: a sheet is sent row by row, and a bad row does not stop the others', async (t) => {
	const sheet = createServer((_, response) => {
		response.writeHead(200, { 'content-type': 'text/csv' });
		response.end(`phone,name,order\n${BEN},Ben,1001\n+1999,Nobody,1002\n${CLEO},Cleo,1003\n`);
	});
	t.after(() => close(sheet));
	await new Promise((resolve) => sheet.listen(0, '127.0.0.1', resolve));
	const workflow = await n8n.import('send-from-a-sheet.json', (nodes) => {
		nodes['Get the sheet'].parameters.url = `http://127.0.0.1:${sheet.address().port}/people.csv`;
		nodes.Send.parameters.device.value = device;
		nodes.Send.retryOnFail = false;
	});
	const done = await n8n.run(workflow);
	assert.equal(done.status, 'success', JSON.stringify(done.resultData.error));
	assert.equal(done.items('Sent').length, 2);
	const [{ json: failed }] = done.items('Not sent');
	assert.match(failed.error, /\+1999/);
	await ben.sees(({ text }) => text === 'Hello Ben, your order 1001 is ready.');
	await cleo.sees(({ text }) => text === 'Hello Cleo, your order 1003 is ready.');
});

test('an execution that is retried sends nothing twice', async () => {
	const workflow = await n8n.import('send-from-a-sheet.json', (nodes) => {
		nodes['Get the sheet'].parameters.url = 'http://127.0.0.1:9/';
		nodes.Send.parameters.device.value = device;
	});
	// Two items; the second one is refused, so that the execution fails after the first was sent.
	const node = (name) => workflow.nodes.find((one) => one.name === name);
	node('Send').onError = 'stopWorkflow';
	node('Send').retryOnFail = false;
	Object.assign(node('Get the sheet'), {
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		parameters: {
			mode: 'raw',
			jsonOutput: JSON.stringify({
				rows: [
					{ phone: BEN, name: 'again', order: '2001' },
					{ phone: '+1999', name: 'x', order: '2002' },
				],
			}),
			options: {},
		},
	});
	Object.assign(node('Rows'), {
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		parameters: { fieldToSplitOut: 'rows', options: {} },
	});
	const saved = await n8n.api('PATCH', `/rest/workflows/${workflow.id}`, workflow);
	const failed = await n8n.run({ ...workflow, ...saved });
	assert.equal(failed.status, 'error');
	await ben.sees(({ text }) => text === 'Hello again, your order 2001 is ready.');
	const retried = await n8n.api('POST', `/rest/executions/${failed.id}/retry`, {
		loadWorkflow: false,
	});
	assert.ok(retried !== undefined);
	const executions = await eventually('the retry is over', async () => {
		const all = await n8n.executions(workflow);
		return (
			all.length > 1 && all.every(({ status }) => ['error', 'success'].includes(status)) && all
		);
	});
	assert.equal(executions.length, 2);
	await ben.write(ANA, 'marker of the retry');
	const texts = (await ben.messages()).map(({ text }) => text);
	assert.equal(texts.filter((text) => text === 'Hello again, your order 2001 is ready.').length, 1);
});

test(
	"example: replies by itself, through the trigger's whole life",
	{ timeout: 900_000 },
	async () => {
		const workflow = await n8n.import('auto-reply.json');
		await n8n.activate(workflow);
		const [hook] = await eventually('the webhook is there', async () => {
			const found = await webhooks();
			return found.length === 1 && found;
		});
		assert.match(hook.url, /\/webhook\//);
		assert.deepEqual(hook.events, ['message:in:new']);
		const over = async (count) =>
			await eventually(`${count} executions`, async () => {
				const all = await n8n.executions(workflow);
				return all.length >= count && all.every(({ status }) => status === 'success') && all;
			});

		await ben.write(ANA, 'What are your hours?');
		const reply = await ben.sees(({ fromMe, text }) => !fromMe && text?.startsWith('We are open'));
		assert.ok(reply);
		await over(1);

		// A group is not a chat with a person: no execution. A delivery that nobody signed: none, and 401.
		const group = await server.sandbox('POST', `/phones/${BEN}/groups`, {
			subject: 'Both',
			participants: [ANA],
		});
		await ben.write(group.id, 'hours in the group');
		const forged = await fetch(hook.url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'x-sparkbot-signature': 'sha256=00',
				'x-sparkbot-timestamp': String(Math.floor(Date.now() / 1000)),
			},
			body: '{"eventId":"x","data":{}}',
		});
		assert.equal(forged.status, 401);

		// n8n is away, and comes back: what happened meanwhile comes then, once.
		await n8n.stop();
		await ben.write(ANA, 'Hours while you were away?');
		await eventually('a delivery has failed', async () => (await webhooks())[0].retries > 0);
		await n8n.start();
		assert.equal((await webhooks())[0].id, hook.id);
		await ben.sees(isReply, RETRY);
		await over(2);

		// Killed in the middle of it: the same.
		await n8n.stop('SIGKILL');
		await ben.write(ANA, 'Hours after the crash?');
		await eventually('a delivery has failed', async () => (await webhooks())[0].retries > 0);
		await n8n.start();
		await ben.sees(isReply, RETRY);
		await over(3);

		// The test URL has a webhook of its own beside the production one.
		const now = await n8n.api('GET', `/rest/workflows/${workflow.id}`);
		await n8n.api('POST', `/rest/workflows/${workflow.id}/run`, {
			workflowData: now,
			triggerToStartFrom: { name: 'SparkBot Trigger' },
		});
		const both = await webhooks();
		assert.deepEqual(both.map(({ url }) => /webhook-test/.test(url)).sort(), [false, true]);
		await ben.write(ANA, 'No reply to this');
		await eventually('the test webhook is gone', async () => (await webhooks()).length === 1);
		const all = await over(5);
		assert.deepEqual(all.map(({ mode }) => mode).sort(), [
			'manual',
			'webhook',
			'webhook',
			'webhook',
			'webhook',
		]);

		// What happens while the workflow is inactive is left out, unless it is to catch up.
		const stop = async () => {
			await n8n.deactivate(workflow);
			await eventually('the webhook is gone', async () => (await webhooks()).length === 0);
		};
		const go = async () => {
			await n8n.activate(workflow);
			await eventually('the webhook is back', async () => (await webhooks()).length === 1);
		};
		const missed = async (text) => {
			await ben.write(ANA, text);
			await eventually(`'${text}' has arrived`, async () =>
				(await server.api('GET', `/v1/chat/${device}/messages?size=9`)).some(
					({ body }) => body === text,
				),
			);
		};
		await stop();
		await missed('Hours while nobody listens?');
		await go();
		await ben.write(ANA, 'Hours once more?');
		await ben.sees(({ fromMe, text }) => !fromMe && text?.startsWith('We are open'));
		await over(6);
		await stop();
		const { nodes, versionId } = await n8n.api('GET', `/rest/workflows/${workflow.id}`);
		nodes[0].parameters.options = { catchUp: true };
		await n8n.api('PATCH', `/rest/workflows/${workflow.id}`, { nodes, versionId });
		await go();
		await stop();
		await missed('Hours to catch up with?');
		await go();
		await ben.sees(({ fromMe, text }) => !fromMe && text?.startsWith('We are open'));
		await over(7);
		await stop();
		// Five questions that were heard, five replies; nothing twice.
		const replies = (await ben.messages()).filter(
			({ fromMe, text }) => !fromMe && text?.startsWith('We are open'),
		);
		assert.equal(replies.length, 5);
	},
);

test('example: new chats go to a department', async () => {
	const workflow = await n8n.import('route-new-chats.json');
	await n8n.activate(workflow);
	await eventually('the webhook is there', async () => (await webhooks()).length === 1);
	const dora = await server.phone('+16001230004', 'Dora');
	await dora.write(ANA, 'I am new here');
	const chat = await eventually('the chat has a department', async () => {
		const found = await server.api('GET', `/v1/chat/${device}/chats?search=Dora`);
		return found[0]?.owner.department && found[0];
	});
	const departments = await server.api('GET', `/v1/devices/${device}/departments`);
	assert.equal(chat.owner.department, departments.find(({ name }) => name === 'Support').id);
	await n8n.deactivate(workflow);
});
