export default {
	tag: 'WhatsApp Numbers',
	name: 'WhatsApp Number',
	value: 'number',
	default: 'getNumbers',
	actions: [
		{ id: 'devices.list' },
		{ id: 'devices.get' },
		{
			id: 'devices.create',
			main: ['alias', 'billingPlan?'],
			omit: { plan: 'another word for billingPlan' },
			fields: {
				billingPlan: { default: 'professional' },
				paymentIntent: { placeholder: 'e.g. pi_1042' },
			},
		},
		{
			id: 'devices.update',
			fields: {
				plan: { default: 'professional' },
				webhooks: { label: 'Webhook IDs', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' },
			},
		},
		{ id: 'devices.delete' },
		{
			id: 'devices.deleteChats',
			fields: {
				'': { name: 'phoneNumbers', label: 'Phone Numbers', placeholder: 'e.g. +16001234561' },
			},
		},
	],
};
