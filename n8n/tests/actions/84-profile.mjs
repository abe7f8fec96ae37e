import assert from 'node:assert/strict';

import { ANA, BEN } from '../support/world.mjs';

export const name = 'profile and catalogs';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

export async function run(world) {
	const seen = async () => await world.server.sandbox('GET', `/phones/${BEN}/people/${ANA}`);
	const business = async () => await world.server.sandbox('GET', `/phones/${ANA}/business`);
	await world.one('profile', 'updateProfile', {
		updateFields: {
			name: "Ana's Lamps",
			status: 'Open again from Monday',
			businessProfileDescription: 'Lamps from small workshops',
			businessProfileEmail: 'shop@example.com',
			businessProfileWebsites: 'https://example.com, https://example.org',
			businessProfileCategories: ['grocery'],
			businessProfileBusinessHoursTimezone: 'Europe/Lisbon',
			businessProfileBusinessHoursMondayMode: 'hours',
			businessProfileBusinessHoursMondayOpen: '09:00',
			businessProfileBusinessHoursMondayClose: '17:30',
			businessProfileBusinessHoursSundayMode: '24h_closed',
		},
	});
	await world.until('the name and the text on another phone', async () => {
		const { name: called, about } = await seen();
		return called === "Ana's Lamps" && about === 'Open again from Monday';
	});
	const told = await business();
	assert.deepEqual(
		[told.description, told.email, told.websites],
		[
			'Lamps from small workshops',
			'shop@example.com',
			['https://example.com', 'https://example.org'],
		],
	);
	assert.ok(JSON.stringify(told.hours).includes('540'), JSON.stringify(told.hours));
	const profile = await world.one('profile', 'getProfile');
	assert.equal(profile.businessProfile.businessHours.monday.close, '17:30');

	await world.one(
		'profile',
		'updateProfileImage',
		{ imageSource: 'binary', inputBinaryField: 'data' },
		[{ json: {}, binary: { data: { data: PNG, mimeType: 'image/png' } } }],
	);
	await world.until('the picture on another phone', async () => (await seen()).picture);
	const [image] = await world.act('profile', 'getProfileImage', { binaryPropertyName: 'picture' });
	assert.equal(image.binary.picture.mimeType, 'image/jpeg');
	const jpeg = Buffer.from(image.binary.picture.data, 'base64');
	assert.equal(jpeg.subarray(0, 3).toString('hex'), 'ffd8ff');
	const including = await world.one('profile', 'getProfile', { options: { include: ['image'] } });
	assert.match(including.image.data, /^data:image\/jpeg;base64,/);

	const mine = await world.act('catalog', 'getMyCatalog', {
		returnAll: true,
		options: { sync: true },
	});
	const { products } = await world.server.sandbox('GET', `/phones/${ANA}/products`);
	assert.deepEqual(
		mine.map(({ json }) => json.id),
		products.map(({ id }) => id),
	);
	assert.ok(mine.some(({ json }) => json.name === 'Lamp' && json.price === 20));

	// Pages of another business, which are asked for in the body.
	await world.server.sandbox('PUT', `/phones/${BEN}/business`, { verifiedName: 'Ben Teas' });
	for (const tea of ['Green', 'Black', 'White']) {
		await world.server.sandbox('POST', `/phones/${BEN}/products`, { name: tea });
	}
	const query = async (parameters) => {
		const found = await world.act('catalog', 'queryBusinessCatalog', { phone: BEN, ...parameters });
		return found.map(({ json }) => json.name);
	};
	assert.deepEqual(await query({ returnAll: true }), ['Green', 'Black', 'White']);
	assert.deepEqual(await query({ returnAll: false, limit: 2 }), ['Green', 'Black']);
}
