const LABEL_CHANGE = {
	name: 'updateType',
	label: 'Change',
	default: 'replace',
	options: {
		replace: { name: 'Replace Labels' },
		add: { name: 'Add Labels', constants: [{ to: 'query', key: 'upsert', value: true }] },
		remove: { name: 'Remove Labels', constants: [{ to: 'query', key: 'remove', value: true }] },
	},
};

export default {
	tag: 'Chats',
	name: 'Chat',
	value: 'chat',
	default: 'getChats',
	actions: [
		{ id: 'chats.list', fields: { agent: { label: 'Agents' } } },
		{ id: 'chats.get' },
		{
			id: 'chats.typing',
			main: ['targetType', 'action', 'duration?'],
			choices: [
				{
					name: 'targetType',
					label: 'Send To',
					options: {
						chat: { name: 'Chat', shows: ['chat'] },
						group: { name: 'Group', shows: ['group'] },
					},
				},
			],
			fields: {
				chat: {
					picker: { list: 'chats', by: 'By ID or Phone Number', placeholder: 'e.g. +16001234561' },
				},
				action: { name: 'typingAction', default: 'typing' },
			},
		},
		{
			id: 'chats.sync',
			patience: 120,
			main: ['size?', 'messages?'],
			fields: { size: { label: 'Chats', name: 'size' } },
		},
		{ id: 'chats.messages.sync', patience: 120 },
		{ id: 'chats.unread' },
		{ id: 'chats.status', fields: { status: { default: 'active' } } },
		{ id: 'chats.participants', fields: { phone: { label: 'Phone Numbers' } } },
		{
			id: 'chats.assign',
			choices: [
				{
					name: 'assignmentType',
					label: 'Assign To',
					default: 'agent',
					options: {
						agent: { name: 'Agent', shows: ['agent'] },
						email: { name: 'Agent by Email', shows: ['email'] },
						department: { name: 'Department', shows: ['department'] },
						both: { name: 'Agent and Department', shows: ['agent', 'department'] },
					},
				},
			],
		},
		{ id: 'chats.unassign' },
		{ id: 'chats.notes.create' },
		{
			id: 'chats.notes.delete',
			fields: { ids: { label: 'Note IDs', placeholder: 'e.g. 3EB0DDE53C86B168BB69C0' } },
		},
		{
			id: 'chats.labels',
			choices: [LABEL_CHANGE],
			main: ['updateType', '?'],
			fields: { '': { name: 'labels', label: 'Labels', picker: { list: 'labels' } } },
		},
		{ id: 'chats.attributes', main: ['pinned', 'muted'], options: false },
		{ id: 'chats.archive' },
		{ id: 'chats.unarchive' },
		{
			id: 'chats.delete',
			main: ['whatsapp', 'force'],
			fields: {
				force: {
					description:
						'Whether to delete it here in any case, and on the phone as soon as the number is online; only with On the Phone, Too',
				},
			},
		},
		{
			id: 'chats.bulk',
			main: ['action', 'chats'],
			dependent: {
				action: {
					labels: ['params.add', 'params.remove'],
					assign: ['params.agent', 'params.department'],
				},
			},
			fields: {
				action: { name: 'bulkAction', default: 'resolve' },
				'params.add': { label: 'Add Labels', name: 'addLabels', picker: { list: 'labels' } },
				'params.remove': {
					label: 'Remove Labels',
					name: 'removeLabels',
					picker: { list: 'labels' },
				},
				'params.agent': { name: 'agent' },
				'params.department': { name: 'department' },
			},
		},
	],
};
