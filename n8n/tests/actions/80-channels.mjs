import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { BEN } from '../support/world.mjs';

export const name = 'channels';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

export async function run(world) {
	const made = await world.one('channel', 'createChannel', {
		name: 'Our News',
		description: 'What is new',
		imageSource: 'none',
	});
	const channel = { channelId: by(made.id) };
	const seen = async (id = made.id) =>
		await world.server.sandbox('GET', `/channels/${encodeURIComponent(id)}`);
	assert.deepEqual([(await seen()).name, (await seen()).description], ['Our News', 'What is new']);
	const { results } = await world.n8n.list(
		'searchChannels',
		{ resource: 'channel', operation: 'getChannel', device: world.number },
		'news',
	);
	assert.deepEqual(results, [{ name: 'Our News', value: made.id }]);

	const listed = await world.act('channel', 'getChannels', { returnAll: true });
	assert.deepEqual(
		listed.map(({ json }) => json.id),
		[made.id],
	);
	assert.equal((await world.one('channel', 'getChannel', channel)).name, 'Our News');
	await world.one('channel', 'updateChannel', { ...channel, updateFields: { name: 'News' } });
	assert.equal((await seen()).name, 'News');
	await world.one(
		'channel',
		'updateChannelImage',
		{ ...channel, imageSource: 'binary', inputBinaryField: 'data' },
		[{ json: {}, binary: { data: { data: PNG, mimeType: 'image/png' } } }],
	);
	assert.ok((await seen()).picture);
	await world.one('message', 'sendTextMessage', {
		target: 'channel',
		channel: by(made.id),
		message: 'The first post',
	});
	await world.until('the post', async () => {
		const { posts } = await world.server.sandbox(
			'GET',
			`/phones/${encodeURIComponent(world.anaPhone)}/channels/${encodeURIComponent(made.id)}/posts`,
		);
		return posts.some(({ text }) => text === 'The first post');
	});

	const bens = await world.server.sandbox('POST', `/phones/${BEN}/channels`, {
		name: "Ben's lamps",
		crowd: 50,
	});
	const found = await world.act('channel', 'searchChannels', {
		search: 'lamps',
		channelsAtMost: 5,
	});
	assert.ok(found.some(({ json }) => json.id === bens.id));
	const followers = (await seen(bens.id)).followers;
	await world.one('channel', 'joinChannel', { joinMethod: 'url', url: bens.invite });
	await world.until('one follower more', async () => (await seen(bens.id)).followers !== followers);
	await world.one('channel', 'deleteChannel', channel);
	const left = await world.api('GET', `/v1/devices/${world.device}/channels`);
	assert.ok(!left.some(({ id }) => id === made.id));
}
