export default {
	tag: 'WhatsApp session',
	name: 'WhatsApp Session',
	value: 'session',
	default: 'requestAuthenticationCode',
	actions: [
		{
			id: 'session.authcode',
			description: 'Get the code that links a WhatsApp number when it is typed on the phone',
			main: ['force', 'phone?'],
			fields: {
				force: {
					label: 'Force New Authentication',
					description:
						'Whether to unlink the number first when it is linked already; its chats stay',
				},
				phone: {
					description: 'The phone to link, in E.164; empty for the one it had before',
					placeholder: 'e.g. +16001234560',
				},
			},
		},
		{
			id: 'session.scan',
			main: ['encoding', 'force'],
			fields: {
				force: {
					description:
						'Whether to unlink the number first when it is linked already; its chats stay',
				},
				encoding: { default: 'svg' },
			},
			fileWhen: { encoding: ['svg', 'image'] },
		},
		{ id: 'session.start', main: ['wait'], patience: 100 },
		{ id: 'session.reset', patience: 130 },
		{
			id: 'session.reboot',
			patience: 100,
			fields: {
				force: { description: 'Whether to do so also when the session is not running' },
				sync: { description: 'Whether to compare with WhatsApp afterwards' },
			},
		},
		{ id: 'session.sync', patience: 130 },
		{ id: 'session.health' },
	],
};
