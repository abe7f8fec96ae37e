import { IMAGE } from './groups.mjs';
import { eachDay } from './weekdays.mjs';

const business = (key) => `businessProfile.${key}`;

const HOURS = eachDay((day, label) => ({
	[business(`businessHours.${day}.mode`)]: {
		label: `${label} Hours`,
		options: {
			hours: 'From and Until',
			'24h_open': 'Open All Day',
			'24h_closed': 'Closed',
			appointment: 'By Appointment',
		},
	},
	[business(`businessHours.${day}.open`)]: {
		label: `${label} Hours: From`,
		placeholder: 'e.g. 09:00',
		description: 'For the hours From and Until',
	},
	[business(`businessHours.${day}.close`)]: {
		label: `${label} Hours: Until`,
		placeholder: 'e.g. 17:30',
		description: 'For the hours From and Until',
	},
}));

export default {
	tag: 'WhatsApp profile',
	name: 'WhatsApp Profile',
	value: 'profile',
	default: 'getProfile',
	actions: [
		{ id: 'profile.get' },
		{
			id: 'profile.update',
			fields: {
				name: { placeholder: "e.g. Ana's Shop" },
				status: { label: 'About', placeholder: 'e.g. Open again from Monday' },
				[business('description')]: {
					label: 'Business Description',
					placeholder: 'e.g. Tea from small gardens',
				},
				[business('address')]: {
					label: 'Business Address',
					placeholder: 'e.g. 1 Harbour Street, Lisbon',
				},
				[business('email')]: { label: 'Business Email', placeholder: 'name@email.com' },
				[business('websites')]: {
					label: 'Business Websites',
					placeholder: 'e.g. https://example.com',
				},
				[business('categories')]: { label: 'Business Categories' },
				[business('businessHours.timezone')]: { label: 'Hours: Time Zone' },
				...HOURS,
			},
		},
		{ id: 'profile.image' },
		{ id: 'profile.setImage', ...IMAGE },
	],
};
