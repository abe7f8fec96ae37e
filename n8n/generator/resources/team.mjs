const BY = {
	name: 'identifierType',
	label: 'Member By',
	default: 'id',
	options: { id: { name: 'ID', shows: ['id'] }, email: { name: 'Email', shows: ['email'] } },
};

const AGENT = {
	label: 'Team Member',
	picker: { list: 'agents', by: 'By ID or Email', placeholder: 'e.g. ada@example.com' },
};

export default {
	tag: 'Team',
	name: 'Team',
	value: 'team',
	default: 'getTeamMembers',
	actions: [
		{ id: 'team.list' },
		{
			id: 'team.update',
			fields: {
				id: AGENT,
				invite: {
					description: 'Whether to make a new invitation for who has not accepted the last one',
				},
			},
		},
		{
			id: 'team.delete',
			main: ['users', 'force'],
			fields: {
				force: {
					description: "Whether to pass over those who can't leave, instead of refusing all",
				},
				users: {
					one: 'User',
					choice: BY,
					row: {
						id: AGENT,
						action: { label: 'Chats', default: 'unassign' },
						assign: { label: 'Reassign To', when: { name: 'action', is: ['reassign'] } },
						remove: { label: 'Remove for Good' },
					},
				},
			},
		},
		{ id: 'team.listOfNumber' },
		{
			id: 'team.create',
			main: ['displayName', 'email', 'password?', 'role?', 'color?', 'invite'],
			fields: { role: { default: 'agent' }, color: { default: 'blue' } },
		},
		{ id: 'team.grant', fields: { id: AGENT } },
		{
			id: 'team.revoke',
			choices: [BY],
			main: ['identifierType', 'action?', 'remove'],
			dependent: { action: { reassign: ['assign'] } },
			fields: {
				id: AGENT,
				action: { label: 'Chats', name: 'chatAction', default: 'unassign' },
				assign: { label: 'Reassign To' },
				remove: {
					label: 'Remove for Good',
					description: 'Whether to remove them for good when no other number is left to them',
				},
			},
		},
	],
};
