import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { ANA, BEN } from '../support/world.mjs';

export const name = 'status updates';

const STATUS = 'status@broadcast';
const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

export async function run(world) {
	const { ben } = world;
	// Who is in the address book sees them.
	await world.server.sandbox('PUT', `/phones/${ANA}/contacts/${BEN}`, { fullName: 'Ben Berg' });
	await world.until('Ben in the address book', async () => {
		const { meta } = await world.api(
			'GET',
			`/v1/chat/${world.device}/contacts/${encodeURIComponent(BEN)}`,
		);
		return meta.addressBookName === 'Ben Berg';
	});
	const post = async (parameters, items) =>
		await world.one('userStatus', 'updateUserStatus', parameters, items);
	const shown = async (text) =>
		await ben.sees((message) => message.chat === STATUS && message.text === text);

	const evening = await post({
		statusType: 'text',
		message: 'Open until eight',
		color: 'moss_green',
		font: 'serif',
		options: { reference: 'evening' },
	});
	assert.deepEqual([evening.meta.color, evening.meta.font], ['moss_green', 'serif']);
	const seen = await shown('Open until eight');
	assert.equal(seen.copies, 1);
	await world.server.sandbox('POST', `/phones/${BEN}/read`, { chat: STATUS, ids: [seen.id] });
	await world.until('the look that Ben had', async () => {
		const { views } = await world.one('userStatus', 'getUserStatusById', { statusId: evening.id });
		return views?.count === 1;
	});

	const picture = await post(
		{ statusType: 'media', mediaSource: 'binary', inputBinaryField: 'photo', caption: 'Lamps' },
		[{ json: {}, binary: { photo: { data: PNG, mimeType: 'image/png', fileName: 'lamp.png' } } }],
	);
	assert.equal((await shown('Lamps')).kind, 'image');
	await post({
		statusType: 'media',
		mediaSource: 'url',
		mediaUrl: `data:image/png;base64,${PNG}`,
		caption: 'More lamps',
	});
	await shown('More lamps');
	const [library] = await world.api('GET', '/v1/files?search=lamp');
	const later = await post({
		statusType: 'media',
		mediaSource: 'file',
		mediaFile: by(library.id),
		caption: 'Tomorrow',
		options: { scheduleDelayTo: '1d' },
	});

	const ids = async (filters) =>
		(await world.act('userStatus', 'getUserStatus', { returnAll: true, filters })).map(
			({ json }) => json.id,
		);
	assert.deepEqual(await ids({ scheduled: true }), [later.id]);
	assert.deepEqual(await ids({ reference: 'evening', mine: true, type: ['text'] }), [evening.id]);
	await ben.write(STATUS, 'From Ben');
	await world.until('the status of Ben', async () => (await ids({ flow: 'inbound' })).length === 1);

	// Taken back from those who have seen it, and out of the queue.
	const waiting = await world.one('userStatus', 'deleteUserStatus', {
		deleteMethod: 'scheduled',
		scheduledIds: later.id,
	});
	assert.deepEqual(waiting.scheduled, [later.id]);
	await world.one('userStatus', 'deleteUserStatus', {
		deleteMethod: 'posted',
		statusIds: [picture.id],
	});
	await ben.sees(({ kind, target }) => kind === 'revoke' && target === picture.id);
	await assert.rejects(
		world.one('userStatus', 'deleteUserStatus', { deleteMethod: 'posted', statusIds: '' }),
	);
	assert.equal((await ids({ mine: true })).length, 2);
	await world.one('userStatus', 'deleteUserStatus', { deleteMethod: 'all' });
	await ben.sees(({ kind, target }) => kind === 'revoke' && target === evening.id);
	assert.deepEqual(await ids({ mine: true }), []);
}
