// Every action of the built node, run by n8n's own engine against a real SparkBot, and what it did as the other side
// sees it: the phones of the sandbox, or the API as another client asks it.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { World } from './support/world.mjs';

const { actions } = createRequire(import.meta.url)('../dist/nodes/SparkBot/actions/index.js');

const folder = new URL('./actions/', import.meta.url);
const rooms = await Promise.all(
	readdirSync(folder)
		.sort()
		.map(async (name) => await import(new URL(name, folder))),
);
let world;

before(async () => {
	world = await World.begin();
});

after(async () => {
	await world?.server.stop();
});

for (const { name, run } of rooms) test(name, { timeout: 240_000 }, async () => await run(world));

test('no action was left out', () => {
	const all = Object.entries(actions).flatMap(([resource, operations]) =>
		Object.keys(operations).map((operation) => `${resource}.${operation}`),
	);
	const missing = [...all, 'other.sendApiRequest'].filter((action) => !world.done.has(action));
	assert.deepEqual(missing, []);
});
