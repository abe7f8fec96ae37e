const PERMISSIONS = {
	'permissions.edit': { label: 'Who Edits' },
	'permissions.send': { label: 'Who Writes' },
	'permissions.invite': { label: 'Who Adds People' },
	'permissions.approval': { label: 'Approval to Join' },
	ephemeral: {
		label: 'Disappearing Messages',
		options: { off: 'Off', '24h': '24 Hours', '7d': '7 Days', '90d': '90 Days' },
	},
};

const PARTICIPANTS = { participants: { one: 'Participant', row: { admin: { label: 'Admin' } } } };

const WHO = {
	main: ['all'],
	dependent: { all: { false: ['phones'] } },
	fields: { all: { label: 'All' } },
};

export const IMAGE = {
	choices: [
		{
			name: 'imageSource',
			label: 'Image From',
			default: 'url',
			options: {
				url: { name: 'URL', shows: ['url'] },
				base64: { name: 'Base64', shows: ['image'] },
				binary: { name: 'Binary Field', binary: { image: 'image' } },
			},
		},
	],
	fields: { image: { placeholder: 'e.g. data:image/jpeg;base64,…' } },
};

export const JOIN = {
	choices: [
		{
			name: 'joinMethod',
			label: 'Join By',
			default: 'url',
			options: {
				url: { name: 'Invite Link', shows: ['url'] },
				code: { name: 'Invite Code', shows: ['code'] },
			},
		},
	],
};

export default {
	tag: 'Groups',
	name: 'Group',
	value: 'group',
	default: 'getGroups',
	actions: [
		{ id: 'groups.list' },
		{ id: 'groups.get' },
		{
			id: 'groups.create',
			main: ['name', 'participants', 'description?'],
			fields: { ...PERMISSIONS, ...PARTICIPANTS },
		},
		{ id: 'groups.update', fields: PERMISSIONS },
		{ id: 'groups.image', ...IMAGE },
		{ id: 'groups.addParticipants', fields: PARTICIPANTS },
		{ id: 'groups.updateParticipants', fields: PARTICIPANTS },
		{
			id: 'groups.removeParticipants',
			fields: { '': { name: 'phones', label: 'Phone Numbers', placeholder: 'e.g. +16001234561' } },
		},
		{ id: 'groups.pending' },
		{ id: 'groups.approve', ...WHO },
		{ id: 'groups.reject', ...WHO },
		{ id: 'groups.invite' },
		{ id: 'groups.revokeInvite' },
		{
			id: 'groups.join',
			...JOIN,
			fields: {
				url: {
					label: 'Invite Link',
					placeholder: 'e.g. https://chat.whatsapp.com/AbCdEfGhIjK1234567890L',
				},
			},
		},
		{
			id: 'groups.leave',
			main: ['id', 'remove'],
			fields: {
				id: {
					label: 'Group',
					name: 'groupId',
					picker: { list: 'groups', by: 'By ID', placeholder: 'e.g. 120363000000000001@g.us' },
				},
				remove: {
					label: 'Forget the Group',
					description: 'Whether to forget the group and its chat here as well',
				},
			},
		},
	],
};
