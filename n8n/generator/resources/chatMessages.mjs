export default {
	tag: 'Chat Messages',
	name: 'Chat Message',
	value: 'chatMessage',
	default: 'getMessages',
	actions: [
		{ id: 'chat.messages.list', patience: 120 },
		{ id: 'chat.messages.get' },
		{ id: 'chat.messages.ackinfo' },
		{ id: 'chat.messages.edit' },
		{
			id: 'chat.messages.delete',
			fields: {
				force: { description: 'Whether to delete it here in any case, whatever WhatsApp says' },
			},
		},
	],
};
