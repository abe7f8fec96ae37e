const FILE = {
	name: 'includeFile',
	label: 'File',
	default: 'without',
	options: {
		without: { name: 'Without a File' },
		file: { name: 'With a File From the Library', shows: ['file'] },
	},
};

export default {
	tag: 'Quick replies',
	name: 'Quick Reply',
	value: 'quickReply',
	default: 'getQuickReplies',
	actions: [
		{ id: 'quickReplies.list', fields: { agents: { label: 'Agents' } } },
		{
			id: 'quickReplies.create',
			choices: [FILE],
			main: ['shortcut', 'message', 'permission?', 'includeFile', 'keywords?'],
			fields: { permission: { default: 'public' } },
		},
		{
			id: 'quickReplies.update',
			choices: [FILE],
			main: ['shortcut', 'message', 'includeFile'],
			fields: {
				permission: { default: 'public' },
				id: { label: 'Quick Reply ID', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' },
			},
		},
		{
			id: 'quickReplies.delete',
			choices: [
				{
					name: 'deleteMethod',
					label: 'Delete',
					default: 'specific',
					options: { all: { name: 'All' }, specific: { name: 'Those Named Below', shows: [''] } },
				},
			],
			main: ['deleteMethod'],
			fields: {
				'': {
					name: 'deleteItems',
					label: 'Quick Replies',
					one: 'Quick Reply',
					choice: {
						name: 'type',
						label: 'Named By',
						default: 'shortcut',
						options: {
							id: { name: 'ID', shows: ['id'] },
							shortcut: { name: 'Shortcut', shows: ['shortcut'] },
						},
					},
					row: { id: { placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' } },
				},
			},
		},
	],
};
