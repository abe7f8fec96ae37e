export default {
	tag: 'Outbound Messages',
	name: 'Outbound Message',
	value: 'outboundMessage',
	default: 'searchMessages',
	actions: [
		{
			id: 'messages.search',
			fields: {
				group: { picker: null },
				channel: { picker: null },
				agents: { label: 'Agents' },
				device: {
					picker: null,
					label: 'WhatsApp Number ID',
					placeholder: 'e.g. 6b031f1ab7b6648b134238de',
				},
			},
		},
		{
			id: 'messages.get',
			fields: { '{messageId}': { placeholder: 'e.g. 6b031f1ab7b6648b134238de' } },
		},
		{
			id: 'messages.update',
			fields: {
				'{messageId}': { placeholder: 'e.g. 6b031f1ab7b6648b134238de' },
				group: { picker: null, placeholder: 'e.g. 120363000000000001@g.us' },
				channel: { picker: null, placeholder: 'e.g. 120363000000000001@newsletter' },
				label: { picker: null },
			},
		},
		{
			id: 'messages.delete',
			main: ['force'],
			fields: {
				'{messageId}': { placeholder: 'e.g. 6b031f1ab7b6648b134238de' },
				force: {
					description:
						'Whether to forget it also when it was sent; what was sent stays with its receiver',
				},
			},
		},
	],
};
