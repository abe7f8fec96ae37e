export default {
	tag: 'Queue',
	name: 'Queue',
	value: 'queue',
	default: 'getQueueStatus',
	actions: [
		{ id: 'queue.get' },
		{
			id: 'queue.set',
			main: ['status', 'force'],
			fields: {
				status: { default: 'active' },
				force: {
					description:
						'Whether, with Pause and Freeze, to answer at once instead of after what is on its way, and with Active, to resume also while WhatsApp holds the queue back',
				},
			},
		},
		{ id: 'queue.route', fields: { device: { label: 'Target Number', name: 'targetDevice' } } },
		{
			id: 'queue.empty',
			main: ['filterType', 'skipScheduled', 'wait'],
			choices: [
				{
					name: 'filterType',
					label: 'Messages',
					default: 'none',
					options: {
						none: { name: 'All' },
						ids: { name: 'By ID', shows: ['ids'] },
						phones: { name: 'By Phone Number', shows: ['phones'] },
						groups: { name: 'By Group', shows: ['groups'] },
						dateRange: { name: 'By Time', shows: ['before?', 'after?'] },
					},
				},
			],
			fields: {
				groups: { placeholder: 'e.g. 120363000000000001@g.us' },
				wait: {
					description:
						'Whether to answer only when nothing is on its way any more, 30 seconds at most',
				},
			},
		},
	],
};
