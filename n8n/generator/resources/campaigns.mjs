const OTHERWISE = 'campaigns are made elsewhere; Send API Request reaches it';

export default {
	tag: 'Campaigns',
	name: 'Campaign',
	value: 'campaign',
	default: 'getCampaigns',
	actions: [
		{
			id: 'campaigns.list',
			fields: {
				device: { picker: { list: 'numbers' }, label: 'WhatsApp Number' },
				owner: { label: 'Owners' },
				id: { label: 'Campaign IDs', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' },
				phone: { label: 'Phone Numbers' },
				group: { picker: null, label: 'Groups', placeholder: 'e.g. 120363000000000001@g.us' },
			},
		},
		{ id: 'campaigns.get' },
		{ id: 'campaigns.status', fields: { action: { name: 'campaignAction', default: 'start' } } },
		{ id: 'campaigns.contacts.list', fields: { target: { placeholder: 'e.g. +16001234561' } } },
		{ id: 'campaigns.delete' },
	],
	without: {
		'campaigns.create': OTHERWISE,
		'campaigns.update': OTHERWISE,
		'campaigns.contacts.add': OTHERWISE,
		'campaigns.contacts.remove': OTHERWISE,
		'campaigns.exclusions.list': OTHERWISE,
		'campaigns.exclusions.add': OTHERWISE,
		'campaigns.exclusions.remove': OTHERWISE,
	},
};
