import { IMAGE, JOIN } from './groups.mjs';

export default {
	tag: 'Channels',
	name: 'Channel',
	value: 'channel',
	default: 'getChannels',
	actions: [
		{ id: 'channels.list' },
		{ id: 'channels.get' },
		{
			id: 'channels.create',
			main: ['name', 'description?', 'imageSource'],
			choices: [
				{
					name: 'imageSource',
					label: 'Image From',
					default: 'none',
					options: {
						none: { name: 'None' },
						url: { name: 'URL', shows: ['image.url'] },
						base64: { name: 'Base64', shows: ['image.data'] },
						binary: { name: 'Binary Field', binary: { image: 'image.data' } },
					},
				},
			],
			fields: {
				'image.url': { label: 'Image URL' },
				'image.data': { label: 'Image', placeholder: 'e.g. data:image/jpeg;base64,…' },
			},
		},
		{
			id: 'channels.update',
			fields: {
				image: { label: 'Image URL', placeholder: 'e.g. https://example.com/picture.jpg' },
			},
		},
		{ id: 'channels.image', ...IMAGE },
		{ id: 'channels.delete' },
		{
			id: 'channels.join',
			...JOIN,
			fields: {
				url: { label: 'Invite Link', placeholder: 'e.g. https://whatsapp.com/channel/0029Va…' },
			},
		},
		{
			id: 'channels.search',
			main: ['search?', 'limit?', 'category?', 'sortField?', 'sort?', 'countries?'],
			fields: {
				limit: { label: 'Channels at Most', name: 'channelsAtMost' },
				sort: { options: { desc: 'From the Most Down', asc: 'From the Least Up' } },
				countries: { placeholder: 'e.g. PT, ES' },
			},
		},
	],
};
