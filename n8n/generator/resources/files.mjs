const SAME = 'the same as in the body';

export default {
	tag: 'Files',
	name: 'File',
	value: 'file',
	default: 'uploadFile',
	actions: [
		{
			id: 'files.search',
			fields: {
				device: {
					picker: null,
					label: 'WhatsApp Number ID',
					placeholder: 'e.g. 6b031f1ab7b6648b134238de',
				},
				permission: {},
			},
		},
		{
			id: 'files.upload',
			patience: 300,
			omit: {
				'?filename': SAME,
				'?reference': SAME,
				'?format': SAME,
				'?expiration': SAME,
				'?permission': SAME,
				'?tags': SAME,
			},
			choices: [
				{
					name: 'uploadMethod',
					label: 'File From',
					default: 'url',
					options: {
						url: { name: 'URL', shows: ['url'] },
						binary: { name: 'Binary Field', binary: {} },
					},
				},
			],
			main: ['uploadMethod'],
		},
		{
			id: 'files.deleteMany',
			fields: {
				limit: { label: 'Files at Most', name: 'filesAtMost' },
				size: { label: 'Size From' },
				owner: { label: 'Owners' },
				expires: { label: 'Expires Before' },
			},
		},
		{ id: 'files.preview', omit: { '?token': 'in place of a key; the node has one' } },
		{
			id: 'files.download',
			omit: { '?token': 'in place of a key; the node has one' },
			patience: 600,
		},
		{ id: 'files.get' },
		{ id: 'files.update' },
		{ id: 'files.delete' },
	],
};
