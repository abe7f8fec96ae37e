import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { ANA } from '../support/world.mjs';

export const name = 'numbers and sessions';

const NEW = '+16001230009';

const refused = async (promise) => {
	const error = await promise.then(
		() => assert.fail('it was not refused'),
		(thrown) => thrown,
	);
	return error;
};

export async function run(world) {
	world.anaPhone = ANA;
	const made = await world.one('number', 'createNumber', {
		alias: 'Second',
		billingPlan: 'business',
		additionalFields: { description: 'For tests' },
	});
	const second = by(made.id);
	assert.equal((await world.api('GET', `/v1/devices/${made.id}`)).description, 'For tests');
	const link = { device: second };
	const code = async (parameters) =>
		await world.one('session', 'requestAuthenticationCode', {
			...link,
			force: false,
			...parameters,
		});

	// A code links the phone, and each refusal says what is wrong.
	assert.match((await refused(code({}))).message, /phone/i);
	const wrong = await refused(code({ phone: '+1999' }));
	assert.match(wrong.message, /\+1999/);
	assert.equal(wrong.httpCode, '400');
	assert.equal(wrong.context.errorCode, 'phone:invalid');
	assert.ok(wrong.description.length > 10);
	await world.server.sandbox('POST', '/phones', { phone: NEW, name: 'New' });
	const first = await code({ phone: NEW });
	assert.match(first.code, /^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
	assert.ok(first.expiresIn > 100);
	assert.equal((await code({ phone: NEW })).code, first.code);
	await world.server.sandbox('POST', `/phones/${NEW}/link`, { code: first.code });
	await world.server.online(made.id);
	const linked = await refused(code({ phone: NEW }));
	assert.equal(linked.context.errorCode, 'session:already_linked');
	assert.match(linked.description, /force|reset/i);
	const again = await code({ phone: NEW, force: true });
	assert.notEqual(again.code, first.code);
	await world.server.sandbox('POST', `/phones/${NEW}/link`, { code: again.code });
	await world.server.online(made.id);
	assert.equal(
		(await refused(code({ device: by('0'.repeat(24)), phone: NEW }))).context.errorCode,
		'device:notfound',
	);

	const health = await world.one('session', 'getSessionHealth', link);
	assert.equal(health.status ?? health.health, 'healthy', JSON.stringify(health));
	const sync = await world.one('session', 'syncSession', link);
	assert.ok(sync.status, JSON.stringify(sync));
	const traffic = async () => (await world.server.sandbox('GET', '/connections')).connections;
	const connection = async () =>
		(await traffic()).find(({ phone, stage }) => phone === NEW && stage === 'loggedIn')?.id;
	const before = await connection();
	await world.one('session', 'rebootSession', {
		...link,
		options: { wait: true, sync: false, force: true },
	});
	const after = await world.until('another connection', connection);
	assert.notEqual(after, before);
	const started = await world.one('session', 'startSession', { ...link, wait: true });
	assert.equal(started.session.status, 'online');

	const changed = await world.one('number', 'updateNumber', {
		...link,
		updateFields: { alias: 'Changed', settingsDeliverySpeed: 100, settingsRebootPolicy: '12h' },
	});
	assert.equal(changed.alias, 'Changed');
	const shown = await world.one('number', 'getNumberById', {
		...link,
		options: { exclude: ['queue'] },
	});
	assert.equal(shown.settings.rebootPolicy, '12h');
	const listed = await world.act('number', 'getNumbers', {
		returnAll: true,
		filters: { search: 'Changed' },
	});
	assert.deepEqual(
		listed.map(({ json }) => json.id),
		[made.id],
	);

	await world.one('session', 'resetSession', {
		...link,
		options: { data: true, wait: true, emptyQueue: true },
	});
	const phone = await world.server.sandbox('GET', `/phones/${NEW}`);
	assert.deepEqual(phone.devices, []);
	const qr = await world.one('session', 'scanQr', { ...link, encoding: 'json', force: false });
	await world.server.sandbox('POST', `/phones/${NEW}/scan`, { qr: qr.data });
	await world.server.online(made.id);
	const [image] = await world.act('session', 'scanQr', {
		...link,
		encoding: 'image',
		force: true,
		binaryPropertyName: 'qr',
	});
	assert.equal(image.binary.qr.mimeType, 'image/png');
	assert.ok(Buffer.from(image.binary.qr.data, 'base64').subarray(1, 4).equals(Buffer.from('PNG')));
	const [svg] = await world.act('session', 'scanQr', { ...link, encoding: 'svg', force: false });
	assert.equal(svg.binary.data.mimeType, 'image/svg+xml');

	await world.received('To be deleted', world.cleo);
	await world.one('number', 'deleteChats', { phoneNumbers: world.cleo.phone });
	await world.until('the chat gone', async () => {
		const chats = await world.api('GET', `/v1/chat/${world.device}/chats`);
		return !chats.some(({ id }) => id.startsWith(world.cleo.phone.slice(1)));
	});

	await world.one('number', 'deleteNumber', link);
	assert.ok(!(await world.api('GET', '/v1/devices')).some(({ id }) => id === made.id));
}
