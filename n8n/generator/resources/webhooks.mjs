export default {
	tag: 'Webhooks',
	name: 'Webhook',
	value: 'webhook',
	default: 'getWebhooks',
	actions: [
		{ id: 'webhooks.list' },
		{
			id: 'webhooks.create',
			main: ['name', 'url', 'events', 'device?'],
			fields: {
				name: { placeholder: 'e.g. Orders' },
				url: { placeholder: 'e.g. https://example.com/hook' },
				events: { default: ['message:in:new'] },
			},
		},
		{ id: 'webhooks.get' },
		{
			id: 'webhooks.update',
			fields: {
				name: { placeholder: 'e.g. Orders' },
				url: { placeholder: 'e.g. https://example.com/hook' },
			},
		},
		{ id: 'webhooks.delete' },
		{ id: 'webhooks.enable' },
		{ id: 'webhooks.logs' },
	],
};
