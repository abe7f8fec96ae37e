export default {
	tag: 'Departments',
	name: 'Department',
	value: 'department',
	default: 'getDepartments',
	actions: [
		{ id: 'departments.list' },
		{
			id: 'departments.create',
			main: ['name', 'color?', 'icon?', 'description?', 'agents?'],
			fields: {
				name: { placeholder: 'e.g. Sales' },
				color: { default: 'emerald' },
				icon: { default: 'briefcase' },
			},
		},
		{
			id: 'departments.update',
			fields: {
				name: { placeholder: 'e.g. Sales' },
				color: { default: 'emerald' },
				icon: { default: 'briefcase' },
			},
		},
		{ id: 'departments.delete' },
	],
};
