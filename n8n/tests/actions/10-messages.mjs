import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { BEN, CLEO } from '../support/world.mjs';

export const name = 'messages';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export async function run(world) {
	const { ben } = world;
	const send = async (operation, parameters, items) =>
		await world.one('message', operation, { target: 'phone', phone: BEN, ...parameters }, items);

	const sent = await send('sendTextMessage', {
		message: 'Hello Ben',
		options: { reference: 'order-1', priority: 'high', retries: 3 },
	});
	assert.equal(sent.reference, 'order-1');
	const hello = await ben.sees(({ text }) => text === 'Hello Ben');
	assert.equal(hello.copies, 1);

	const simple = await world.act('message', 'sendTextMessage', {
		target: 'phone',
		phone: BEN,
		message: 'Simply',
	});
	assert.ok(!('webhookStatus' in simple[0].json));
	await ben.sees(({ text }) => text === 'Simply');

	await send('sendTextMessage', {
		message: 'Choose',
		additionalFields: {
			buttons: {
				values: [
					{ id: 'y', text: 'Yes' },
					{ id: 'n', text: 'No' },
				],
			},
			footer: 'Please',
		},
	});
	const menu = await ben.sees(({ buttons }) => buttons);
	assert.deepEqual(menu.buttons.buttons?.map(({ id }) => id) ?? menu.buttons.map(({ id }) => id), [
		'y',
		'n',
	]);

	await send(
		'sendMultimediaMessage',
		{ mediaSource: 'binary', inputBinaryField: 'photo', message: 'Look' },
		[{ json: {}, binary: { photo: { data: PNG, mimeType: 'image/png', fileName: 'dot.png' } } }],
	);
	const photo = await ben.sees(({ media }) => media?.kind === 'image');
	assert.equal(photo.text ?? photo.media.caption, 'Look');

	const library = await world.api('POST', '/v1/files', {
		url: `data:text/plain;base64,${Buffer.from('An offer').toString('base64')}`,
		filename: 'offer.txt',
	});
	await send('sendMultimediaMessage', { mediaSource: 'file', mediaFile: by(library[0].id) });
	const offer = await ben.sees(({ media }) => media?.kind === 'document');
	assert.equal(offer.media.fileName, 'offer.txt');

	await send('sendMultimediaMessage', {
		mediaSource: 'url',
		mediaUrl: `data:image/png;base64,${PNG}`,
		additionalFields: { mediaKind: 'document', mediaFilename: 'plan.png' },
	});
	const plan = await ben.sees(({ media }) => media?.fileName === 'plan.png');
	assert.equal(plan.media.kind, 'document');

	// A time without a zone is in the workflow's, Lisbon: in winter that is UTC.
	const later = await send('sendScheduledMessage', {
		message: 'Later',
		deliverAt: '2026-12-24T10:00:00',
	});
	assert.equal(later.deliverAt, '2026-12-24T10:00:00.000Z');

	await send('sendPollMessage', {
		pollQuestion: 'When?',
		pollOptions: 'Monday, Tuesday',
		pollMultiple: false,
	});
	const poll = await ben.sees(({ poll: shown }) => shown?.name === 'When?');
	assert.deepEqual(
		poll.poll.options.map((one) => one.name),
		['Monday', 'Tuesday'],
	);
	const asked = await ben.say(world.anaPhone, {
		message: { poll: { name: 'Ben asks', options: ['Red', 'Blue'] } },
	});
	await world.until('the poll in the inbox', async () =>
		(await world.api('GET', `/v1/chat/${world.device}/messages?size=20`)).find(
			({ id }) => id === asked.id,
		),
	);
	const votes = async (voters) =>
		await world.until(`${voters} votes on the phone`, async () => {
			const message = await world.server.sandbox('GET', `/phones/${BEN}/messages/${asked.id}`);
			return message.poll.options.find((one) => one.name === 'Blue').voters.length === voters;
		});
	await send('sendVotesInAPoll', {
		pollMessageId: asked.id,
		voteOptions: { values: [{ optionType: 'value', value: 'Blue' }] },
	});
	await votes(1);
	await send('deleteVotesInAPoll', { pollMessageId: asked.id });
	await votes(0);
	await send('sendVotesInAPoll', {
		pollMessageId: asked.id,
		voteOptions: { values: [{ optionType: 'id', id: 1, value: 'not this' }] },
	});
	await votes(1);

	await send('sendMeetingEvent', {
		eventName: 'Round',
		eventDate: '2026-12-01T10:00:00Z',
		eventDescription: 'Weekly',
		eventLocation: 'Lisbon',
		eventCallType: 'none',
		additionalFields: { eventLatitude: 38.7, eventLongitude: -9.1 },
	});
	const event = await ben.sees(({ event: shown }) => shown?.name === 'Round');
	assert.equal(event.event.description, 'Weekly');
	const invited = await ben.say(world.anaPhone, {
		message: { event: { name: 'Party', startTime: 1796464800 } },
	});
	await world.until('the event in the inbox', async () =>
		(await world.api('GET', `/v1/chat/${world.device}/messages?size=20`)).find(
			({ id }) => id === invited.id,
		),
	);
	await send('sendMeetingConfirmation', { eventMessageId: invited.id, eventResponse: 'accept' });
	await world.until('the answer on the phone', async () => {
		const message = await world.server.sandbox('GET', `/phones/${BEN}/messages/${invited.id}`);
		return message.event.responses.some(({ answer }) => answer === 'going');
	});

	await send('sendLocation', {
		locationType: 'coordinates',
		locationLatitude: 38.7223,
		locationLongitude: -9.1393,
		locationName: 'Shop',
	});
	const place = await ben.sees(({ location }) => location);
	assert.equal(place.location.latitude, 38.7223);
	assert.equal(place.location.longitude, -9.1393);
	await send('sendLocation', { locationType: 'address', locationAddress: 'Main Street 1' });
	await ben.sees(({ text }) => text?.includes('Main Street 1'));

	await send('sendContacts', { contactsList: { values: [{ phone: CLEO, name: 'Cleo C' }] } });
	const card = await ben.sees(({ contacts }) => contacts);
	assert.ok(JSON.stringify(card.contacts).includes('Cleo C'));

	const question = await world.received('A question');
	await send('sendReaction', { reactionMessageId: question.id, reactionEmoji: '👍' });
	await ben.sees(({ kind, target }) => kind === 'reaction' && target === question.id);

	await send('forwardMessage', { phone: CLEO, forwardMessageId: question.id });
	const passedOn = await world.cleo.sees(({ text }) => text === 'A question');
	assert.equal(passedOn.forwarded, true);

	await world.server.sandbox('PUT', `/phones/${world.anaPhone}/business`, {
		verifiedName: 'Ana Shop',
	});
	const product = await world.server.sandbox('POST', `/phones/${world.anaPhone}/products`, {
		name: 'Lamp',
		price1000: 20000,
		currency: 'EUR',
	});
	await send('sendCatalogProduct', { productId: product.id });
	const lamp = await ben.sees(({ product: shown }) => shown);
	assert.equal(lamp.product.id ?? lamp.product.productId, product.id);

	// Options of the message that stand for time and actions after delivery.
	await send('sendTextMessage', {
		message: 'With everything',
		options: {
			deliverAt: '',
			scheduleDelay: 0,
			expirationSeconds: 600,
			agent: by((await world.api('GET', '/v1/me')).user?.id ?? ''),
			label: by('vip'),
			sendReadAck: true,
			typing: 1,
			quote: question.id,
			order: true,
			enqueue: 'always',
			live: false,
			actions: {
				values: [{ action: 'labels:add', labels: ['answered'] }, { action: 'chat:resolve' }],
			},
		},
	});
	const all = await ben.sees(({ text }) => text === 'With everything');
	assert.equal(all.quoted?.id ?? all.target, question.id);
	await world.until('the labels on the chat', async () => {
		const chat = await world.api(
			'GET',
			`/v1/chat/${world.device}/chats/${encodeURIComponent(BEN)}`,
		);
		return (
			chat.labels.includes('vip') && chat.labels.includes('answered') && chat.status === 'resolved'
		);
	});

	world.question = question;
}
