const FIELDS = {
	address: { placeholder: 'e.g. Main Street 1' },
	assign: {
		label: 'Agent',
		picker: { list: 'agents', by: 'By ID', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' },
	},
	birthday: { placeholder: 'e.g. 1990-12-31' },
	companyCountry: { placeholder: 'e.g. PT' },
	companyTaxId: { label: 'Company Tax ID' },
	companyWebsite: { placeholder: 'e.g. https://example.com' },
	country: { placeholder: 'e.g. PT' },
	currency: { placeholder: 'e.g. EUR' },
	languages: { placeholder: 'e.g. pt, en' },
	links: { placeholder: 'e.g. https://example.com' },
	metadata: { one: 'Fact', label: 'Metadata' },
	name: { placeholder: 'e.g. Ada' },
	surname: { placeholder: 'e.g. Lovelace' },
	sync: {
		description: "Whether to keep the name in the phone's address book in step with the one here",
	},
	title: { placeholder: 'e.g. Dr.' },
	upsert: {
		label: 'Create or Update',
		description:
			'Whether to change the contact when it is there already, and to make it when it is not',
	},
};

const ROWS = { '': { name: 'metadata', label: 'Metadata', one: 'Fact' } };

export default {
	tag: 'Chat Contacts',
	name: 'Chat Contact',
	value: 'contact',
	default: 'getContacts',
	actions: [
		{
			id: 'contacts.list',
			fields: {
				hasChat: {
					description: 'Whether to return only contacts with a chat, or only those without one',
				},
				country: { placeholder: 'e.g. PT, ES', label: 'Countries' },
			},
		},
		{ id: 'contacts.get' },
		{ id: 'contacts.create', fields: FIELDS },
		{
			id: 'contacts.update',
			fields: { ...FIELDS, $remove: { name: 'fieldsToRemove', label: 'Fields to Remove' } },
		},
		{ id: 'contacts.replaceMetadata', fields: ROWS },
		{ id: 'contacts.addMetadata', fields: ROWS },
		{ id: 'contacts.delete' },
		{
			id: 'contacts.createMany',
			main: ['', 'upsert'],
			fields: {
				'': { name: 'contacts', label: 'Contacts', one: 'Contact', row: FIELDS },
				upsert: {
					label: 'Create or Update',
					description: 'Whether to change those that are there already',
				},
			},
		},
		{ id: 'contacts.block', fields: { contacts: { placeholder: 'e.g. +16001234561' } } },
		{ id: 'contacts.unblock', fields: { contacts: { placeholder: 'e.g. +16001234561' } } },
	],
	without: { 'contacts.picture': 'Send API Request reaches it' },
};
