export default {
	tag: 'Labels',
	name: 'Label',
	value: 'label',
	default: 'getLabels',
	actions: [
		{ id: 'labels.list' },
		{
			id: 'labels.create',
			main: ['name', 'color', 'description?'],
			fields: {
				name: { placeholder: 'e.g. vip' },
				color: { default: 'blue' },
				scope: { options: { chat: 'Here Only', wa: 'On the Phone, Too' } },
			},
		},
		{
			id: 'labels.update',
			fields: {
				name: {
					label: 'Label',
					name: 'label',
					picker: { list: 'labels', by: 'By Name', placeholder: 'e.g. vip' },
				},
				color: { default: 'blue' },
			},
		},
		{
			id: 'labels.delete',
			fields: {
				name: {
					label: 'Label',
					name: 'label',
					picker: { list: 'labels', by: 'By Name', placeholder: 'e.g. vip' },
				},
			},
		},
	],
};
