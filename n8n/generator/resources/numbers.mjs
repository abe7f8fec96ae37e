import { eachDay } from './weekdays.mjs';

const MODES = {
	hours: 'As Listed',
	'24h_open': 'Open All Day',
	'24h_closed': 'Closed',
};

/** The opening hours under a key, called after what they are for. */
const hours = (key, of) =>
	eachDay((day, label) => ({
		[`${key}.${day}.mode`]: { label: `${of}: ${label}`, options: MODES },
		[`${key}.${day}.hours`]: {
			label: `${of}: ${label} Hours`,
			one: 'Stretch',
			row: { from: { placeholder: 'e.g. 09:00' }, to: { placeholder: 'e.g. 17:30' } },
		},
	}));

const FILE = { list: 'files', by: 'By ID', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' };

/** What a number answers by itself; `about` are the words of what only this one has. */
const reply = (kind, label, about) => {
	const fields = {
		active: { label: 'Active', description: 'Whether it is sent' },
		message: { label: 'Message', placeholder: 'e.g. Thank you, we answer within a day' },
		file: { label: 'File', picker: FILE },
		target: { label: 'For', options: { all: 'Everybody', new_contacts: 'New Contacts' } },
		skipResolved: {
			label: 'Skip Resolved',
			description: 'Whether to leave out chats that were resolved',
		},
		skipAssigned: {
			label: 'Skip Assigned',
			description: 'Whether to leave out chats that somebody looks after',
		},
		skipPending: {
			label: 'Skip Waiting',
			description: 'Whether to leave out chats that waited for an answer already',
		},
		...about,
	};
	return Object.fromEntries(
		Object.entries(fields).map(([key, words]) => [
			`autoReplies.${kind}.${key}`,
			{ ...words, label: `${label}: ${words.label}` },
		]),
	);
};

const ASSIGN = Object.fromEntries(
	Object.entries({
		active: { label: 'Active', description: 'Whether chats are assigned by themselves' },
		mode: {
			label: 'To Whom',
			options: { 'round-robin': 'In Turns', 'least-busy': 'Least Busy', none: 'Nobody' },
		},
		sticky: {
			label: 'Who Had It Last',
			description: 'Whether it goes first of all to whoever had the chat last',
		},
		department: { label: 'Department' },
		online: { label: 'To Online', description: 'Whether it goes to people who are online' },
		away: { label: 'To Away', description: 'Whether it goes to people who are away' },
		unavailable: {
			label: 'To Unavailable',
			description: 'Whether it goes to people who are unavailable',
		},
		offline: { label: 'To Offline', description: 'Whether it goes to people who are offline' },
		reassign: {
			label: 'Reassign',
			description: 'Whether a chat goes to somebody else when its person writes again',
		},
		'reassignOptions.resolved': {
			label: 'Reassign Resolved',
			description: 'Whether to reassign chats that were resolved',
		},
		'reassignOptions.active': {
			label: 'Reassign Open',
			description: 'Whether to reassign chats that are open and whose agent is not there',
		},
		'reassignOptions.unassign': {
			label: 'Reassign to Nobody',
			description: 'Whether nobody has them when there is nobody else',
		},
		reassignAfter: { label: 'Reassign After Minutes' },
	}).map(([key, words]) => [
		`autoAssign.${key}`,
		{ ...words, label: `Auto Assign: ${words.label}` },
	]),
);

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
				'settings.operativeHours.enable': {
					label: 'Opening Hours: Active',
					description: 'Whether there are such hours; without, it is always open',
				},
				'settings.operativeHours.timezone': { label: 'Opening Hours: Time Zone' },
				'settings.operativeHours.exceptUntil': {
					label: 'Opening Hours: Open Until',
					placeholder: 'e.g. 2026-12-31T20:00:00Z',
				},
				...hours('settings.operativeHours.hours', 'Opening Hours'),
				...reply('welcome', 'Welcome', {
					timeframe: { label: 'After a Silence Of', placeholder: 'e.g. 14d' },
				}),
				...reply('away', 'Away', { timezone: { label: 'Time Zone' } }),
				...hours('autoReplies.away.businessHours', 'Away'),
				...reply('busy', 'Busy', {
					timeframe: { label: 'At Most Every', placeholder: 'e.g. 5m' },
				}),
				...reply('call', 'Calls', {
					active: { label: 'Active', description: 'Whether calls are dealt with at all' },
					reject: {
						label: 'Reject',
						description: 'Whether the call is rejected, so that it stops ringing',
					},
				}),
				...ASSIGN,
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
