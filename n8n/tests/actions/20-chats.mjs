import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { ANA, BEN, CLEO } from '../support/world.mjs';

export const name = 'chats, chat messages and chat files';

export async function run(world) {
	const { ben, cleo } = world;
	const chat = { chatId: by(BEN) };
	const now = async (of = BEN) =>
		await world.api('GET', `/v1/chat/${world.device}/chats/${encodeURIComponent(of)}`);
	await world.received('From Ben');
	await world.received('From Cleo', cleo);

	const chats = await world.act('chat', 'getChats', {
		returnAll: true,
		filters: { type: ['chat'] },
		options: { sort: 'name:asc' },
	});
	const names = chats.map(({ json }) => json.name);
	assert.ok(names.includes('Ben') && names.includes('Cleo'), names.join());
	const [first, ...more] = await world.act('chat', 'getChats', { returnAll: false, limit: 1 });
	assert.deepEqual([first.json.name, more.length], ['Cleo', 0]);
	const details = await world.one('chat', 'getChatDetails', {
		...chat,
		options: { include: ['messages'] },
	});
	assert.ok(details.messages.some(({ body }) => body === 'From Ben'));

	const typing = async (state) =>
		await ben.event((event) => event.kind === 'typing' && event.state === state);
	await world.one('chat', 'sendTypingStatus', {
		targetType: 'chat',
		chat: by(BEN),
		typingAction: 'recording',
		duration: 5,
	});
	await typing('recording');

	await world.one('chat', 'updateChatReadStatus', { ...chat, unread: false });
	await ben.event(({ kind, type }) => kind === 'receipt' && type === 'read');
	await world.one('chat', 'setChatStatus', { ...chat, status: 'resolved' });
	assert.equal((await now()).status, 'resolved');
	const me = await world.api('GET', '/v1/me');
	const agent = me.user?.id ?? me.id;
	const [{ id: sales }] = [
		await world.api('POST', `/v1/devices/${world.device}/departments`, { name: 'Sales' }),
	];
	await world.one('chat', 'assignChat', {
		...chat,
		assignmentType: 'both',
		agent: by(agent),
		department: by(sales),
	});
	const owner = (await now()).owner;
	assert.equal(owner.agent, agent);
	assert.equal(owner.department, sales);
	await world.one('chat', 'unassignChat', chat);
	assert.equal((await now()).owner.agent, null);

	const note = await world.one('chat', 'createChatNote', {
		...chat,
		message: 'Calls back on Monday',
	});
	const notes = async () =>
		await world.api(
			'GET',
			`/v1/chat/${world.device}/messages?chat=${encodeURIComponent(BEN)}&kind=note`,
		);
	assert.deepEqual(
		(await notes()).map(({ body }) => body),
		['Calls back on Monday'],
	);
	await world.one('chat', 'deleteChatNote', { ...chat, ids: note.id });
	assert.deepEqual(await notes(), []);

	const labels = async (labels, updateType) => {
		await world.one('chat', 'updateChatLabels', { ...chat, labels, updateType });
		return (await now()).labels.sort();
	};
	assert.deepEqual(await labels(['one', 'two'], 'replace'), ['one', 'two']);
	assert.deepEqual(await labels(['three'], 'add'), ['one', 'three', 'two']);
	assert.deepEqual(await labels('one, two', 'remove'), ['three']);
	assert.deepEqual(await labels([], 'replace'), []);

	const state = async (index) =>
		await world.until(`${index} on Ana's phone`, async () => {
			const { events } = await world.server.sandbox('GET', `/phones/${ANA}/events?limit=1000`);
			return events.some(
				({ kind, index: at, value }) =>
					kind === 'appState' && JSON.stringify([at, value]).toLowerCase().includes(index),
			);
		});
	await world.one('chat', 'updateChatAttributes', { ...chat, pinned: true, muted: true });
	await state('pin');
	await state('mute');
	await world.one('chat', 'archiveChat', chat);
	assert.equal((await now()).status, 'archived');
	await state('archive');
	await world.one('chat', 'unarchiveChat', chat);
	assert.notEqual((await now()).status, 'archived');

	await world.one('chat', 'bulkUpdateChats', {
		bulkAction: 'labels',
		chats: `${BEN}, ${CLEO}`,
		addLabels: ['bulk'],
		removeLabels: [],
	});
	assert.deepEqual([(await now()).labels, (await now(CLEO)).labels], [['bulk'], ['bulk']]);
	await world.one('chat', 'bulkUpdateChats', { bulkAction: 'resolve', chats: [BEN] });
	assert.equal((await now()).status, 'resolved');

	await world.server.sandbox('POST', `/phones/${ANA}/history`, {
		given: [
			{
				chat: BEN,
				messages: [{ text: 'Long ago', timestamp: 1700000000 }],
			},
		],
	});
	await world.one('chat', 'syncDeviceChats', { size: 10, messages: 10 });
	const synced = await world.act('chat', 'syncChatMessages', {
		...chat,
		returnAll: false,
		limit: 200,
	});
	assert.ok(synced.some(({ json }) => json.body === 'From Ben'));

	// Messages.
	const written = await world.received('To be looked at');
	const found = await world.act('chatMessage', 'getMessages', {
		returnAll: true,
		filters: { search: 'looked', flow: 'inbound', after: '2026-01-01T00:00:00' },
	});
	assert.deepEqual(
		found.map(({ json }) => json.id),
		[written.id],
	);
	const shown = await world.one('chatMessage', 'getMessageDetails', { messageId: written.id });
	assert.equal(shown.body, 'To be looked at');
	const sent = await world.one('message', 'sendTextMessage', {
		target: 'phone',
		phone: BEN,
		message: 'First words',
	});
	await ben.sees(({ text }) => text === 'First words');
	await world.until('it stands in the chat', async () =>
		(await world.api('GET', `/v1/chat/${world.device}/messages?size=20`)).find(
			({ id }) => id === sent.waId,
		),
	);
	const info = await world.until('the receipt', async () => {
		const told = await world.one('chatMessage', 'getMessageDeliveryInfo', { messageId: sent.waId });
		return JSON.stringify(told).includes('delivered') && told;
	});
	assert.ok(info);
	await world.one('chatMessage', 'editMessage', { messageId: sent.waId, message: 'Better words' });
	await ben.sees(({ kind, text }) => kind === 'edit' || text === 'Better words');
	await world.one('chatMessage', 'deleteMessage', {
		messageId: sent.waId,
		options: { revoke: true },
	});
	await ben.sees(({ kind }) => kind === 'revoke');

	// Files.
	await ben.say(ANA, {
		media: {
			kind: 'document',
			base64: Buffer.from('Minutes of the meeting').toString('base64'),
			mime: 'text/plain',
			fileName: 'minutes.txt',
		},
	});
	const file = await world.until('the file', async () => {
		const files = await world.act('chatFile', 'getFiles', {
			returnAll: true,
			filters: { search: 'minutes', type: ['document'] },
		});
		return files[0]?.json.status === 'ready' ? files[0].json : files[0]?.json;
	});
	const fileOne = await world.one('chatFile', 'getFileDetails', { fileId: file.id });
	assert.equal(fileOne.filename, 'minutes.txt');
	const [download] = await world.act('chatFile', 'downloadFile', {
		fileId: file.id,
		binaryPropertyName: 'minutes',
	});
	const { data, fileName, mimeType } = download.binary.minutes;
	assert.equal(Buffer.from(data, 'base64').toString(), 'Minutes of the meeting');
	assert.deepEqual([fileName, mimeType], ['minutes.txt', 'text/plain']);

	await world.one('chat', 'deleteChat', { chatId: by(CLEO), whatsapp: true, force: true });
	await world.until('the chat gone', async () => {
		const left = await world.api('GET', `/v1/chat/${world.device}/chats`);
		return !left.some(({ id }) => id.startsWith(CLEO.slice(1)));
	});
}
