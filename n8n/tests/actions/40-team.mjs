import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';

export const name = 'team, departments and quick replies';

export async function run(world) {
	const member = async (displayName, more = {}) =>
		await world.one('team', 'createTeamMember', {
			displayName,
			email: `${displayName.toLowerCase()}@example.com`,
			password: 'correct horse battery',
			role: 'agent',
			color: 'teal',
			invite: false,
			...more,
		});
	const ada = await member('Ada');
	const bob = await member('Bob', { password: '', invite: true });
	assert.ok(bob.invitation);
	const known = async () => await world.api('GET', '/v1/team?size=200');
	assert.ok((await known()).some(({ id, status }) => id === ada.id && status === 'active'));
	const agents = await world.act('team', 'getTeamMembers', {
		returnAll: true,
		filters: { role: ['agent'], search: 'ada' },
	});
	assert.deepEqual(
		agents.map(({ json }) => json.id),
		[ada.id],
	);
	await world.one('team', 'updateTeamMember', {
		id: by(ada.id),
		updateFields: { displayName: 'Ada L', role: 'supervisor' },
	});
	const changed = (await known()).find(({ id }) => id === ada.id);
	assert.deepEqual([changed.displayName, changed.role], ['Ada L', 'supervisor']);

	const ofNumber = async () =>
		(await world.act('team', 'getDeviceTeamMembers')).map(({ json }) => json.id);
	assert.ok((await ofNumber()).includes(ada.id));
	await world.one('team', 'revokeDeviceAccess', {
		identifierType: 'email',
		email: 'ada@example.com',
		chatAction: 'unassign',
		remove: false,
	});
	const list = async () =>
		(await world.api('GET', `/v1/devices/${world.device}/team`)).map(({ id }) => id);
	assert.ok(!(await list()).includes(ada.id));
	await world.one('team', 'grantDeviceAccess', { id: by('ada@example.com') });
	assert.ok((await list()).includes(ada.id));

	// Departments.
	const made = await world.one('department', 'createDepartment', {
		name: 'Returns',
		color: 'gold',
		icon: 'inbox',
		description: 'What comes back',
		agents: [ada.id],
	});
	const departments = async () => await world.api('GET', `/v1/devices/${world.device}/departments`);
	assert.equal((await departments()).find(({ id }) => id === made.id).name, 'Returns');
	await world.one('department', 'updateDepartment', {
		department: by('Returns'),
		updateFields: { name: 'Refunds', description: '' },
	});
	const named = (await world.act('department', 'getDepartments')).map(({ json }) => json.name);
	assert.ok(named.includes('Refunds') && !named.includes('Returns'), named.join());
	await world.one('department', 'deleteDepartment', { department: by('Refunds') });
	assert.ok(!(await departments()).some(({ id }) => id === made.id));

	// Quick replies.
	const [file] = await world.api('POST', '/v1/files', { url: 'data:text/plain;base64,SG91cnM=' });
	const reply = await world.one('quickReply', 'createQuickReply', {
		shortcut: '/hours',
		message: 'We open at 9',
		permission: 'public',
		includeFile: 'file',
		file: by(file.id),
		keywords: 'opening, hours',
	});
	const replies = async () => await world.api('GET', `/v1/devices/${world.device}/quickReplies`);
	assert.deepEqual((await replies())[0].keywords.sort(), ['hours', 'opening']);
	await world.one('quickReply', 'updateQuickReply', {
		shortcut: '/hours',
		message: 'We open at 10',
		includeFile: 'without',
		updateFields: { id: reply.id },
	});
	assert.equal((await replies())[0].message, 'We open at 10');
	const listed = await world.act('quickReply', 'getQuickReplies', {
		returnAll: true,
		filters: { permissions: ['public'] },
	});
	assert.deepEqual(
		listed.map(({ json }) => json.id),
		[reply.id],
	);
	await world.one('quickReply', 'deleteQuickReplies', {
		deleteMethod: 'specific',
		deleteItems: { values: [{ type: 'shortcut', shortcut: '/hours' }] },
	});
	assert.deepEqual(await replies(), []);
	await world.api('POST', `/v1/devices/${world.device}/quickReplies`, {
		shortcut: '/a',
		message: 'A',
	});
	await world.one('quickReply', 'deleteQuickReplies', { deleteMethod: 'all' });
	assert.deepEqual(await replies(), []);

	await world.one('team', 'deleteTeamMembers', {
		force: false,
		users: {
			values: [
				{ identifierType: 'id', id: by(ada.id), action: 'unassign', remove: true },
				{ identifierType: 'email', email: 'bob@example.com', action: 'resolve', remove: true },
			],
		},
	});
	assert.ok(!(await known()).some(({ id }) => [ada.id, bob.id].includes(id)));
}
