import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { by } from '../support/n8n.mjs';
import { BEN } from '../support/world.mjs';

export const name = 'meeting links, webhooks and the rest';

export async function run(world) {
	const link = await world.one('meetingLink', 'createMeetingLink', {
		kind: 'video',
		message: 'Monday round',
		expiration: '7d',
	});
	assert.match(link.url, /call\.whatsapp\.com\/video/);
	const links = async () =>
		(
			await world.act('meetingLink', 'getMeetingLinks', {
				returnAll: true,
				filters: { kind: ['video'] },
			})
		).map(({ json }) => json.url);
	assert.deepEqual(await links(), [link.url]);
	await world.one('meetingLink', 'deleteMeetingLinks', {
		deleteMethod: 'specific',
		urls: link.url,
	});
	assert.deepEqual(await world.api('GET', `/v1/devices/${world.device}/meeting-links`), []);

	// A webhook that is made here delivers.
	const got = [];
	const receiver = createServer((request, response) => {
		let body = '';
		request.on('data', (part) => (body += part));
		request.on('end', () => {
			got.push(JSON.parse(body));
			response.end();
		});
	});
	await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${receiver.address().port}/`;
	const made = await world.one('webhook', 'createWebhook', {
		name: 'Orders',
		url,
		events: ['message:in:new'],
		device: '',
		additionalFields: { headers: { values: [{ key: 'X-Team', value: 'orders' }] } },
	});
	const hook = { webhookId: by(made.id) };
	await world.received('For the webhook');
	await world.until('the delivery', () => got.some(({ data }) => data.body === 'For the webhook'));
	const logs = await world.until('its log', async () => {
		const lines = await world.act('webhook', 'getWebhookLogs', { ...hook, returnAll: true });
		return lines.length > 0 && lines;
	});
	assert.equal(logs[0].json.code, 'ok');
	await world.one('webhook', 'updateWebhook', {
		...hook,
		updateFields: { name: 'Bills', status: 'disabled' },
	});
	const shown = await world.one('webhook', 'getWebhook', hook);
	assert.deepEqual([shown.name, shown.status, shown.headers], ['Bills', 'disabled', ['X-Team']]);
	await world.one('webhook', 'enableWebhook', hook);
	const active = await world.act('webhook', 'getWebhooks', {
		returnAll: true,
		filters: { status: ['active'] },
	});
	assert.deepEqual(
		active.map(({ json }) => json.id),
		[made.id],
	);
	await world.one('webhook', 'deleteWebhook', hook);
	assert.deepEqual(await world.api('GET', '/v1/webhooks'), []);
	receiver.close();
	receiver.closeAllConnections();

	assert.equal((await world.one('other', 'verifyNumberExists', { phone: BEN })).exists, true);
	const checks = await world.act('other', 'validatePhoneNumbers', {
		country: 'PT',
		phoneNumbers: { values: [{ phone: '912 345 678' }, { phone: '12' }] },
	});
	assert.deepEqual(
		checks.map(({ json }) => json.valid),
		[true, false],
	);

	const me = await world.one('other', 'sendApiRequest', {
		httpMethod: 'GET',
		urlPath: '/v1/me',
		urlParams: {},
		headers: {},
	});
	assert.ok(JSON.stringify(me).includes('admin'));
	await world.one('other', 'sendApiRequest', {
		httpMethod: 'PATCH',
		urlPath: `v1/devices/${world.device}`,
		body: '{"description": "By request"}',
	});
	assert.equal((await world.api('GET', `/v1/devices/${world.device}`)).description, 'By request');
	await assert.rejects(
		world.act('other', 'sendApiRequest', { httpMethod: 'GET', urlPath: 'https://example.com/x' }),
		(error) => /does not begin with \/v1\//.test(error.message),
	);
}
