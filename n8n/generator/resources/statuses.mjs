const STATUS_ID = { placeholder: 'e.g. 3EB0DDE53C86B168BB69C0' };

export default {
	tag: 'User Status',
	name: 'User Status',
	value: 'userStatus',
	default: 'getUserStatus',
	actions: [
		{
			id: 'statuses.list',
			fields: {
				chat: { label: 'Person', placeholder: 'e.g. 16001234561@c.us' },
				begin: { label: 'From the Status' },
				end: { label: 'Up to the Status' },
			},
		},
		{ id: 'statuses.get', fields: { '{statusId}': STATUS_ID } },
		{
			id: 'statuses.post',
			description: 'Post a text, picture, film or sound for everybody in the address book',
			options: true,
			main: ['statusType'],
			choices: [
				{
					name: 'statusType',
					label: 'Status',
					default: 'text',
					options: {
						text: { name: 'Text', shows: ['message', 'color?', 'font?'] },
						media: {
							name: 'File',
							shows: ['media.message?', 'media.format?'],
							choice: {
								name: 'mediaSource',
								label: 'File From',
								default: 'url',
								options: {
									url: { name: 'URL', shows: ['media.url'] },
									file: { name: 'File Library', shows: ['media.file'] },
									binary: { name: 'Binary Field', binary: { key: 'media.file' } },
								},
							},
						},
					},
				},
			],
			fields: {
				message: { label: 'Text', placeholder: 'e.g. Open until eight' },
				'media.url': { label: 'Media URL', name: 'mediaUrl' },
				'media.file': { label: 'File', name: 'mediaFile' },
				'media.message': { label: 'Caption', name: 'caption', placeholder: 'e.g. Our new offer' },
				'media.format': {
					label: 'Format',
					options: { native: 'Native', gif: 'GIF', ptt: 'Voice Recording' },
				},
				'media.filename': { label: 'File Name' },
				'schedule.date': { label: 'Post At' },
				'schedule.delay': { label: 'Post After Seconds', default: 60 },
				'schedule.delayTo': {
					label: 'Post After Time',
					placeholder: 'e.g. 2h',
					description:
						'<code>15m</code>, <code>2h</code>, <code>1d</code>, <code>1w</code> and the like',
				},
			},
		},
		{
			id: 'statuses.delete',
			choices: [
				{
					name: 'deleteMethod',
					label: 'Delete',
					default: 'posted',
					options: {
						posted: { name: 'Posted Ones', shows: ['status'] },
						scheduled: { name: 'Scheduled Ones', shows: ['scheduled'] },
						all: { name: 'All of the Number' },
					},
				},
			],
			fields: {
				status: { label: 'Status IDs', name: 'statusIds', ...STATUS_ID },
				scheduled: { label: 'Scheduled Status IDs', name: 'scheduledIds', ...STATUS_ID },
			},
		},
	],
};
