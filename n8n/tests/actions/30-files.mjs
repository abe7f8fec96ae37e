import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';

export const name = 'files';

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

export async function run(world) {
	const bytes = Buffer.from('Price list, spring').toString('base64');
	const made = await world.one(
		'file',
		'uploadFile',
		{
			uploadMethod: 'binary',
			inputBinaryField: 'list',
			additionalFields: {
				reference: 'list-1',
				tags: 'spring, price',
				expiration: '7d',
				permission: 'public',
			},
		},
		[
			{
				json: {},
				binary: { list: { data: bytes, mimeType: 'text/plain', fileName: 'prices.txt' } },
			},
		],
	);
	const there = await world.api('GET', `/v1/files/${made.id}`);
	assert.deepEqual(
		[there.filename, there.reference, there.tags.sort(), there.origin],
		['prices.txt', 'list-1', ['price', 'spring'], 'upload'],
	);
	const picture = await world.one('file', 'uploadFile', {
		uploadMethod: 'url',
		url: `data:image/png;base64,${PNG}`,
		additionalFields: { filename: 'red.png' },
	});
	const file = { fileId: by(made.id) };
	const found = await world.act('file', 'searchFiles', {
		returnAll: true,
		filters: { tags: 'spring' },
	});
	assert.deepEqual(
		found.map(({ json }) => json.id),
		[made.id],
	);
	assert.equal((await world.one('file', 'getFile', file)).filename, 'prices.txt');
	const [download] = await world.act('file', 'downloadFile', {
		...file,
		binaryPropertyName: 'data',
	});
	assert.equal(Buffer.from(download.binary.data.data, 'base64').toString(), 'Price list, spring');
	assert.deepEqual(
		[download.binary.data.fileName, download.binary.data.mimeType],
		['prices.txt', 'text/plain'],
	);
	const [preview] = await world.act('file', 'getFilePreview', {
		fileId: by(picture.id),
		binaryPropertyName: 'small',
	});
	assert.equal(preview.binary.small.mimeType, 'image/jpeg');
	await world.one('file', 'updateFile', {
		...file,
		updateFields: { filename: 'summer.txt', tags: 'summer' },
	});
	assert.deepEqual((await world.api('GET', `/v1/files/${made.id}`)).tags, ['summer']);
	await world.one('file', 'deleteFile', file);
	await world.one('file', 'deleteFiles', { options: { filename: 'red' } });
	const left = await world.api('GET', '/v1/files?size=200');
	assert.ok(!left.some(({ id }) => [made.id, picture.id].includes(id)));
}
