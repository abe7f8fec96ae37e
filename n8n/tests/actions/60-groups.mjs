import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { ANA, BEN, CLEO } from '../support/world.mjs';

export const name = 'groups';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

export async function run(world) {
	const { ben, cleo } = world;
	const dora = await world.server.phone('+16001230004', 'Dora');
	const made = await world.one('group', 'createGroup', {
		name: 'Launch',
		description: 'Spring',
		participants: { values: [{ phone: BEN, admin: false }] },
		additionalFields: { ephemeral: '7d', permissionsSend: 'all', permissionsApproval: true },
	});
	const id = made.group?.id ?? made.id;
	const group = { groupId: by(id) };
	const seen = async (phone = BEN) =>
		await world.server.sandbox('GET', `/phones/${phone}/groups/${encodeURIComponent(id)}`);
	const roles = async () =>
		Object.fromEntries((await seen()).participants.map(({ phone, role }) => [phone, role]));
	assert.deepEqual([(await seen()).subject, (await seen()).description], ['Launch', 'Spring']);

	await world.one('message', 'sendTextMessage', {
		target: 'group',
		groupId: by(id),
		message: 'Welcome',
	});
	await ben.sees(({ text, chat }) => text === 'Welcome' && chat === id);
	const listed = await world.act('group', 'getGroups', {
		returnAll: true,
		filters: { kind: ['group'] },
	});
	assert.deepEqual(
		listed.map(({ json }) => json.id),
		[id],
	);
	await world.one('group', 'updateGroup', {
		...group,
		updateFields: { name: 'Launch Crew', permissionsEdit: 'admins' },
	});
	assert.equal((await seen()).subject, 'Launch Crew');
	await world.one(
		'group',
		'updateGroupImage',
		{ ...group, imageSource: 'binary', inputBinaryField: 'data' },
		[{ json: {}, binary: { data: { data: PNG, mimeType: 'image/png' } } }],
	);
	assert.ok((await seen()).picture);

	await world.act('group', 'addParticipants', {
		...group,
		participants: { values: [{ phone: CLEO, admin: false }] },
	});
	assert.ok(CLEO in (await roles()));
	await world.act('group', 'updateParticipants', {
		...group,
		participants: { values: [{ phone: CLEO, admin: true }] },
	});
	assert.notEqual((await roles())[CLEO], (await roles())[BEN]);
	const people = await world.act('chat', 'getGroupParticipants', {
		chatId: by(id),
		returnAll: true,
		filters: { role: ['admin'] },
	});
	assert.ok(people.some(({ json }) => json.phone === CLEO));
	await world.act('group', 'removeParticipants', { ...group, phones: CLEO });
	assert.ok(!(CLEO in (await roles())));
	assert.equal((await world.one('group', 'getGroup', group)).totalParticipants, 2);

	// Who joins by link waits to be let in.
	const invite = await world.one('group', 'getInviteCode', group);
	const code = invite.code ?? invite.inviteCode;
	for (const phone of [dora.phone, CLEO]) {
		await world.server
			.sandbox('POST', `/phones/${phone}/groups/join`, { code })
			.catch((error) => assert.match(error.message, /403/));
	}
	const waiting = await world.until('Dora waits', async () => {
		const pending = await world.act('group', 'getPendingMembers', group);
		return pending.some(({ json }) => json.phone === dora.phone) && pending;
	});
	assert.ok(waiting.length >= 1);
	await world.act('group', 'approveMembers', { ...group, all: false, phones: dora.phone });
	await world.until('Dora is in', async () => dora.phone in (await roles()));
	const eve = await world.server.phone('+16001230005', 'Eve');
	await world.server.sandbox('POST', `/phones/${eve.phone}/groups/join`, { code });
	await world.until(
		'Eve waits',
		async () => (await world.act('group', 'getPendingMembers', group)).length > 0,
	);
	await world.act('group', 'rejectMembers', { ...group, all: true, phones: 'not sent' });
	await world.until('nobody waits', async () => (await seen()).requests.length === 0);
	assert.ok(!(eve.phone in (await roles())));
	const other = await world.one('group', 'revokeInviteCode', group);
	assert.notEqual(other.code ?? other.inviteCode, code);

	const bens = await world.server.sandbox('POST', `/phones/${BEN}/groups`, { subject: "Ben's" });
	const link = await world.server.sandbox(
		'GET',
		`/phones/${BEN}/groups/${encodeURIComponent(bens.id)}/invite`,
	);
	await world.one('group', 'joinGroup', { joinMethod: 'url', url: link.link });
	const members = async () =>
		(await world.server.sandbox('GET', `/phones/${BEN}/groups/${encodeURIComponent(bens.id)}`))
			.participants;
	assert.ok((await members()).some(({ phone }) => phone === ANA));
	await world.one('group', 'leaveGroup', { groupId: by(bens.id), remove: true });
	assert.ok(!(await members()).some(({ phone }) => phone === ANA));
	assert.ok(cleo);
}
