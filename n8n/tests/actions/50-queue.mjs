import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { BEN, CLEO } from '../support/world.mjs';

export const name = 'queue and outbound messages';

export async function run(world) {
	const { ben } = world;
	const queue = async () => await world.one('queue', 'getQueueStatus');
	const text = async (message, phone = BEN) =>
		await world.one('message', 'sendTextMessage', { target: 'phone', phone, message });
	const statusOf = async ({ id }) => (await world.api('GET', `/v1/messages/${id}`)).status;

	await world.one('queue', 'setQueueStatus', { status: 'pause', force: true });
	assert.equal(
		(await queue()).queue?.status ?? (await queue()).state,
		'pause',
		JSON.stringify(await queue()),
	);
	const kept = await text('Kept');
	const other = await text('For Cleo', CLEO);
	const third = await text('Third');
	await world.one('outboundMessage', 'updateMessage', {
		messageId: kept.id,
		updateFields: { message: 'Kept and changed', reference: 'kept-1' },
	});
	const found = await world.act('outboundMessage', 'searchMessages', {
		returnAll: true,
		filters: { reference: 'kept-1', status: ['queued'] },
	});
	assert.deepEqual(
		found.map(({ json }) => json.id),
		[kept.id],
	);
	assert.equal(
		(await world.one('outboundMessage', 'getMessage', { messageId: kept.id })).message,
		'Kept and changed',
	);
	await world.one('queue', 'emptyQueue', {
		filterType: 'phones',
		phones: CLEO,
		ids: '0'.repeat(24),
		skipScheduled: true,
		wait: false,
	});
	assert.deepEqual([await statusOf(other), await statusOf(third)], ['removed', 'queued']);
	await world.one('outboundMessage', 'deleteMessage', { messageId: third.id, force: false });
	await world.one('queue', 'setQueueStatus', { status: 'active', force: true });
	await ben.sees((message) => message.text === 'Kept and changed');
	assert.ok(!(await ben.messages()).some((message) => message.text === 'Third'));

	// What waits goes to another number.
	const second = await world.server.number('+16001230008', 'Other');
	await world.one('queue', 'setQueueStatus', { status: 'pause', force: true });
	await text('By the other number');
	await world.one('queue', 'routeQueue', { targetDevice: by(second) });
	const arrived = await ben.sees((message) => message.text === 'By the other number');
	assert.equal(arrived.from, '+16001230008');
	await world.one('queue', 'setQueueStatus', { status: 'active', force: true });
	await world.api('DELETE', `/v1/devices/${second}`);
}
