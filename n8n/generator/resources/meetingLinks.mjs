export default {
	tag: 'Meeting Links',
	name: 'Meeting Link',
	value: 'meetingLink',
	default: 'createMeetingLink',
	actions: [
		{ id: 'meetingLinks.list' },
		{
			id: 'meetingLinks.create',
			main: ['kind', 'message?', 'expiration?'],
			fields: {
				kind: { default: 'voice' },
				expiration: { default: '30d' },
				message: { placeholder: 'e.g. Monday Round' },
			},
		},
		{
			id: 'meetingLinks.delete',
			choices: [
				{
					name: 'deleteMethod',
					label: 'Delete',
					default: 'specific',
					options: {
						all: { name: 'All' },
						specific: { name: 'Those Named Below', shows: ['ids?', 'urls?'] },
						dateRange: {
							name: 'By Time',
							shows: ['createdBefore?', 'createdAfter?', 'expiresBefore?', 'expiresAfter?'],
						},
					},
				},
			],
			main: ['deleteMethod'],
		},
	],
};
