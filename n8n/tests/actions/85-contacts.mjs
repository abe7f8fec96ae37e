import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { ANA, BEN } from '../support/world.mjs';

export const name = 'contacts and labels';

const FLO = '+16001230006';
const GIL = '+16001230007';

export async function run(world) {
	await world.server.phone(FLO, 'Flo on her phone');
	await world.server.phone(GIL, 'Gil');
	const made = await world.one('contact', 'createContact', {
		phone: FLO,
		additionalFields: {
			name: 'Flo',
			surname: 'Fein',
			email: 'flo@example.com',
			languages: 'pt, en',
			sync: true,
			metadata: { values: [{ key: 'tier', value: 'gold' }] },
		},
	});
	assert.deepEqual([made.phone, made.displayName], [FLO, 'Flo Fein']);
	const inAddressBook = async (wanted) =>
		await world.until(`${wanted} in the address book of the phone`, async () => {
			const { contacts } = await world.server.sandbox('GET', `/phones/${ANA}/contacts`);
			return contacts.some(({ fullName }) => fullName === wanted);
		});
	await inAddressBook('Flo Fein');

	const form = { resource: 'contact', operation: 'getContactDetails', device: world.number };
	const { results } = await world.n8n.list('searchContacts', form, 'fein');
	assert.deepEqual(results, [{ name: `Flo Fein (${FLO})`, value: made.wid }]);
	const contact = { contactId: by(results[0].value) };
	const now = async () => await world.one('contact', 'getContactDetails', contact);
	assert.deepEqual((await now()).info.email, 'flo@example.com');
	const found = await world.act('contact', 'getContacts', {
		returnAll: true,
		filters: { search: 'fein', metadataKey: 'tier', hasChat: false },
		options: { sort: 'name:asc' },
	});
	assert.deepEqual(
		found.map(({ json }) => json.wid),
		[made.wid],
	);

	await world.one('contact', 'updateContact', {
		...contact,
		updateFields: { surname: 'Berg', fieldsToRemove: ['email'] },
	});
	await inAddressBook('Flo Berg');
	assert.ok(!(await now()).info.email);
	const facts = async () =>
		Object.fromEntries((await now()).metadata.map(({ key, value }) => [key, value]));
	await world.act('contact', 'upsertContactMetadata', {
		...contact,
		metadata: { values: [{ key: 'city', value: 'Faro' }] },
	});
	assert.deepEqual(await facts(), { tier: 'gold', city: 'Faro' });
	await world.act('contact', 'updateContactMetadata', {
		...contact,
		metadata: { values: [{ key: 'city', value: 'Porto' }] },
	});
	assert.deepEqual(await facts(), { city: 'Porto' });
	const saved = await world.act('contact', 'bulkCreateContacts', {
		contacts: {
			values: [
				{ phone: GIL, name: 'Gil', surname: 'Gomes' },
				{ phone: FLO, name: 'Flora' },
			],
		},
		upsert: true,
	});
	assert.equal(saved.length, 2);
	assert.equal((await now()).name, 'Flora Berg');

	const blocked = async () => {
		const { blocked: all } = await world.server.sandbox('GET', `/phones/${ANA}`);
		return JSON.stringify(all).includes(FLO.slice(1));
	};
	await world.act('contact', 'blockContacts', { contacts: FLO });
	await world.until('Flo is blocked on the phone', blocked);
	await world.act('contact', 'unblockContacts', { contacts: [FLO] });
	await world.until('Flo is no longer blocked', async () => !(await blocked()));
	await world.one('contact', 'deleteContact', contact);
	const left = await world.api('GET', `/v1/chat/${world.device}/contacts?search=flora`);
	assert.deepEqual(left, []);

	// The number is a business: its labels are those of the phone.
	const onPhone = async () =>
		(await world.server.sandbox('GET', `/phones/${ANA}/labels`)).labels.map((one) => one.name);
	await world.one('label', 'createLabel', {
		name: 'Wholesale',
		color: 'emerald',
		description: 'Buys much',
		additionalFields: { scope: 'wa' },
	});
	await world.until('the label on the phone', async () => (await onPhone()).includes('Wholesale'));
	const label = async () =>
		(await world.act('label', 'getLabels'))
			.map(({ json }) => json)
			.find((one) => one.name === 'Wholesale');
	assert.equal((await label()).description, 'Buys much');
	await world.one('label', 'updateLabel', {
		label: by('Wholesale'),
		color: 'ruby',
		updateFields: { description: 'Buys a lot' },
	});
	assert.deepEqual([(await label()).color, (await label()).description], ['ruby', 'Buys a lot']);
	const labels = { resource: 'chat', operation: 'updateChatLabels', device: world.number };
	assert.deepEqual((await world.n8n.list('searchLabels', labels, 'whole')).results, [
		{ name: 'Wholesale', value: 'Wholesale' },
	]);
	const options = await world.n8n.options('getLabels', labels);
	assert.ok(options.some(({ value }) => value === 'Wholesale'));
	await world.act('chat', 'updateChatLabels', {
		chatId: by(BEN),
		labels: ['Wholesale'],
		updateType: 'add',
	});
	await world.until('the label on the chat of the phone', async () => {
		const { labels: all } = await world.server.sandbox('GET', `/phones/${ANA}/labels`);
		const { id } = all.find((one) => one.name === 'Wholesale');
		const { chats } = await world.server.sandbox('GET', `/phones/${ANA}/chats`);
		return chats.some((chat) => JSON.stringify(chat.labels).includes(id));
	});
	await world.one('label', 'deleteLabel', { label: by('Wholesale') });
	await world.until('no such label', async () => !(await onPhone()).includes('Wholesale'));
	assert.equal(await label(), undefined);
}
