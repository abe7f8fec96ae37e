// Thirteen actions of one operation: each takes what its kind of message needs.

const TARGET = {
	name: 'target',
	label: 'Send To',
	default: 'phone',
	first: true,
	options: {
		phone: { name: 'Phone Number', shows: ['phone'] },
		group: { name: 'Group', shows: ['group'] },
		channel: { name: 'Channel', shows: ['channel'] },
	},
};

/** What every kind of message takes. */
const OPTIONS = [
	'priority',
	'reference',
	'agent',
	'label',
	'live',
	'enqueue',
	'retries',
	'actions',
	'deliverAt',
	'schedule.date',
	'schedule.delay',
	'schedule.delayTo',
	'expiration.seconds',
	'expiration.duration',
	'expiration.date',
	'sendReadAck',
	'typing',
	'quote',
	'order',
];

const OMIT = {
	attend: 'another word for confirm',
	'attend.event': 'another word for confirm.event',
	'attend.confirm': 'another word for confirm.confirm',
	'schedule.enabled': 'a schedule that is given counts',
	'schedule.date': 'the same as deliverAt',
	'media.message': 'the same as message',
	'list.description': 'the same as message',
};

const whenAction = (...is) => ({ when: { name: 'action', is } });

const FIELDS = {
	device: {},
	phone: { placeholder: 'e.g. +16001234561' },
	group: { name: 'groupId' },
	message: { label: 'Message' },
	enqueue: {
		options: { '': 'As Usual', always: 'Always', never: 'Never', opportunistic: 'Opportunistic' },
		default: 'always',
	},
	deliverAt: { label: 'Deliver At' },
	'schedule.delay': { label: 'Deliver After Seconds', default: 60 },
	'schedule.delayTo': {
		label: 'Deliver After Time',
		placeholder: 'e.g. 2h',
		description: '<code>15m</code>, <code>2h</code>, <code>1d</code>, <code>1w</code> and the like',
	},
	'expiration.seconds': { label: 'Expires After Seconds', default: 300 },
	'expiration.duration': { label: 'Expires After Time', placeholder: 'e.g. 1h' },
	'expiration.date': { label: 'Expires At' },
	actions: {
		one: 'Action',
		row: {
			action: { label: 'Action', default: 'chat:assign' },
			'params.agent': { name: 'agent', ...whenAction('chat:assign') },
			'params.department': { name: 'department', ...whenAction('chat:assign') },
			'params.labels': {
				name: 'labels',
				picker: { list: 'labels' },
				...whenAction('labels:add', 'labels:remove', 'labels:set'),
			},
			'params.metadata': {
				name: 'metadata',
				label: 'Contact Facts',
				one: 'Fact',
				...whenAction('metadata:set', 'metadata:add'),
			},
			'params.keys': {
				name: 'keys',
				label: 'Names of Facts',
				placeholder: 'e.g. tier, city',
				...whenAction('metadata:remove'),
			},
		},
	},
};

const send = (name, said) => ({
	id: 'messages.send',
	name,
	omit: OMIT,
	choices: [TARGET, ...(said.choices ?? [])],
	...said,
	...(said.choices ? { choices: [TARGET, ...said.choices] } : {}),
	options: true,
	takes: [
		'device',
		'phone',
		'group',
		'channel',
		...OPTIONS.filter((key) => !(key in OMIT)),
		...(said.takes ?? []),
	],
	first: ['device'],
	fields: { ...FIELDS, ...said.fields },
});

const MESSAGE_ID = { placeholder: 'e.g. 3EB0DDE53C86B168BB69C0' };

export default {
	tag: 'Send messages',
	name: 'Message',
	value: 'message',
	default: 'sendTextMessage',
	actions: [
		send('Send Text Message', {
			description: 'Send a text, with buttons or a list if wanted',
			main: ['message'],
			required: ['message'],
			takes: [
				'message',
				'buttons',
				'footer',
				'mentions',
				'deliveryOptions.previewUrl',
				'list.title',
				'list.button',
				'list.footer',
				'list.sections',
			],
			extra: [
				'buttons',
				'footer',
				'list.title',
				'list.button',
				'list.footer',
				'list.sections',
				'mentions',
				'deliveryOptions.previewUrl',
			],
			fields: {
				mentions: { placeholder: 'e.g. +16001234561, +16001234562' },
				footer: { label: 'Footer of Buttons' },
				buttons: {
					one: 'Button',
					row: { id: { placeholder: 'e.g. yes' }, text: { placeholder: 'e.g. Yes, please' } },
				},
				'list.title': { label: 'List Title' },
				'list.button': { label: 'List Button', placeholder: 'e.g. Choose' },
				'list.footer': { label: 'List Footer' },
				'list.sections': {
					label: 'List Sections',
					one: 'Section',
					row: {
						rows: {
							one: 'Row',
							row: {
								id: { placeholder: 'e.g. morning' },
								title: { placeholder: 'e.g. Morning' },
								description: { placeholder: 'e.g. 9 to 12' },
							},
						},
					},
				},
			},
		}),
		send('Send Multimedia Message', {
			description:
				'Send a picture, film, recording, sticker or document, from a URL, the file library or a binary field',
			main: ['mediaSource', 'message?'],
			choices: [
				{
					name: 'mediaSource',
					label: 'File From',
					default: 'url',
					options: {
						url: { name: 'URL', shows: ['media.url'] },
						file: { name: 'File Library', shows: ['media.file'] },
						binary: { name: 'Binary Field', binary: { key: 'media.file' } },
					},
				},
			],
			takes: [
				'message',
				'media.url',
				'media.file',
				'media.filename',
				'media.format',
				'media.viewOnce',
				'media.kind',
				'media.reference',
				'mentions',
			],
			extra: [
				'media.filename',
				'media.format',
				'media.viewOnce',
				'media.kind',
				'media.reference',
				'mentions',
			],
			fields: {
				message: { label: 'Caption', placeholder: 'e.g. Our new offer' },
				'media.url': { label: 'Media URL', name: 'mediaUrl' },
				'media.file': { label: 'File', name: 'mediaFile' },
				'media.filename': { label: 'File Name' },
				'media.format': {
					label: 'Format',
					options: { native: 'Native', gif: 'GIF', ptt: 'Voice Recording', sticker: 'Sticker' },
					default: 'native',
				},
				'media.kind': {
					label: 'Send as Kind',
					options: { image: 'Image', video: 'Video', audio: 'Audio', document: 'Document' },
					default: 'document',
				},
				'media.reference': { label: 'File Reference' },
				mentions: { placeholder: 'e.g. +16001234561, +16001234562' },
			},
		}),
		send('Send Scheduled Message', {
			description: 'Send a text later',
			main: ['message', 'deliverAt'],
			required: ['message', 'deliverAt'],
			takes: ['message'],
		}),
		send('Send Poll Message', {
			description: 'Ask a question with answers to choose from',
			main: ['poll.name', 'poll.options', 'poll.multiple'],
			required: ['poll.name', 'poll.options'],
			takes: ['poll.name', 'poll.options', 'poll.multiple'],
			fields: {
				'poll.name': {
					label: 'Question',
					name: 'pollQuestion',
					placeholder: 'e.g. When shall we meet?',
				},
				'poll.options': {
					label: 'Answers',
					name: 'pollOptions',
					placeholder: 'e.g. Monday, Tuesday',
				},
				'poll.multiple': { label: 'Several Answers', name: 'pollMultiple' },
			},
		}),
		send('Send Votes in a Poll', {
			description: 'Vote in a poll, in place of an earlier vote',
			main: ['vote.poll', 'vote.options'],
			required: ['vote.poll', 'vote.options'],
			takes: ['vote.poll', 'vote.options'],
			fields: {
				'vote.poll': { label: 'Poll Message ID', name: 'pollMessageId', ...MESSAGE_ID },
				'vote.options': {
					label: 'Votes',
					name: 'voteOptions',
					one: 'Vote',
					choice: {
						name: 'optionType',
						label: 'Answer By',
						default: 'value',
						options: {
							value: { name: 'Text', shows: ['value'] },
							id: { name: 'Place', shows: ['id'] },
						},
					},
					row: {
						id: { label: 'Place', description: 'Its place, from 0' },
						value: { label: 'Text', placeholder: 'e.g. Monday' },
					},
				},
			},
		}),
		send('Delete Votes in a Poll', {
			description: 'Take a vote back',
			main: ['vote.poll'],
			required: ['vote.poll'],
			takes: ['vote.poll'],
			fields: { 'vote.poll': { label: 'Poll Message ID', name: 'pollMessageId', ...MESSAGE_ID } },
		}),
		send('Send Meeting Event', {
			description: 'Send an appointment that people can accept or decline',
			main: ['event.name', 'event.date', 'event.description?', 'event.location?', 'event.call?'],
			required: ['event.name', 'event.date'],
			takes: [
				'event.name',
				'event.date',
				'event.description',
				'event.location',
				'event.call',
				'event.latitude',
				'event.longitude',
				'event.link',
			],
			extra: ['event.latitude', 'event.longitude', 'event.link'],
			fields: {
				'event.name': { label: 'Event Name', name: 'eventName', placeholder: 'e.g. Monday Round' },
				'event.date': { label: 'Date', name: 'eventDate' },
				'event.description': {
					label: 'Description',
					name: 'eventDescription',
					placeholder: 'e.g. What we did last week',
				},
				'event.location': { label: 'Location', name: 'eventLocation' },
				'event.call': {
					label: 'Call',
					name: 'eventCallType',
					options: { none: 'None', voice: 'Voice', video: 'Video' },
					default: 'none',
				},
				'event.latitude': { label: 'Latitude', name: 'eventLatitude' },
				'event.longitude': { label: 'Longitude', name: 'eventLongitude' },
				'event.link': {
					label: 'Link to Join By',
					name: 'eventLink',
					placeholder: 'e.g. https://example.com/join',
				},
			},
		}),
		send('Send Meeting Confirmation', {
			description: 'Accept or decline an appointment',
			main: ['confirm.event', 'confirm.confirm'],
			required: ['confirm.event', 'confirm.confirm'],
			takes: ['confirm.event', 'confirm.confirm'],
			fields: {
				'confirm.event': { label: 'Event Message ID', name: 'eventMessageId', ...MESSAGE_ID },
				'confirm.confirm': {
					label: 'Answer',
					name: 'eventResponse',
					description: 'Whether the number takes part',
					options: { accept: 'Accept', decline: 'Decline' },
					values: { accept: true, decline: false },
				},
			},
		}),
		send('Send Location', {
			main: ['locationType', 'location.name?'],
			takes: ['location.name'],
			choices: [
				{
					name: 'locationType',
					label: 'Location By',
					default: 'coordinates',
					options: {
						address: { name: 'Address', shows: ['location.address'] },
						coordinates: {
							name: 'Coordinates',
							shows: ['location.coordinates', 'location.address?'],
						},
					},
				},
			],
			fields: {
				'location.name': {
					label: 'Name of the Place',
					name: 'locationName',
					placeholder: 'e.g. Our shop',
				},
				'location.address': {
					label: 'Address',
					name: 'locationAddress',
					placeholder: 'e.g. Main Street 1, Lisbon',
				},
				'location.coordinates': {
					parts: [
						{
							label: 'Latitude',
							name: 'locationLatitude',
							minimum: -90,
							maximum: 90,
							description: 'Degrees, north positive',
						},
						{
							label: 'Longitude',
							name: 'locationLongitude',
							minimum: -180,
							maximum: 180,
							description: 'Degrees, east positive',
						},
					],
				},
			},
		}),
		send('Send Contacts', {
			description: 'Send the cards of people',
			main: ['contacts'],
			required: ['contacts'],
			takes: ['contacts'],
			fields: {
				contacts: {
					one: 'Contact',
					name: 'contactsList',
					row: { name: { placeholder: 'e.g. Ada Lovelace' } },
				},
			},
		}),
		send('Send Reaction', {
			description: 'React to a message with an emoji, or take that back',
			main: ['reactionMessage', 'reaction'],
			required: ['reactionMessage', 'reaction'],
			takes: ['reactionMessage', 'reaction'],
			fields: {
				reactionMessage: { label: 'Message ID', name: 'reactionMessageId', ...MESSAGE_ID },
				reaction: { label: 'Emoji', name: 'reactionEmoji', placeholder: 'e.g. 👍' },
			},
		}),
		send('Send Catalog Product', {
			main: ['product', 'message?'],
			required: ['product'],
			takes: ['product', 'message'],
			fields: {
				product: { label: 'Product ID', name: 'productId', placeholder: 'e.g. 4386098234' },
			},
		}),
		send('Forward Message', {
			main: ['forward.message', 'forward.chat?'],
			required: ['forward.message'],
			takes: ['forward.message', 'forward.chat'],
			fields: {
				'forward.message': { label: 'Message ID', name: 'forwardMessageId', ...MESSAGE_ID },
				'forward.chat': { label: 'Chat of the Message', name: 'forwardChatId' },
			},
		}),
	],
};
