const SYNC = {
	label: 'Ask WhatsApp',
	description: 'Whether to ask WhatsApp, however young is what is kept',
};

export default {
	tag: 'Business catalog',
	name: 'Business Catalog',
	value: 'catalog',
	default: 'getMyCatalog',
	actions: [
		{ id: 'catalog.list', fields: { sync: SYNC } },
		{
			id: 'catalog.query',
			options: true,
			main: ['phone'],
			fields: { phone: { label: 'Business', placeholder: 'e.g. +16001234561' }, sync: SYNC },
		},
	],
};
