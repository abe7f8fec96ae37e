// What an item costs in a real n8n: processor time of its process for a workflow with many items through the node, less the same
// workflow with a node that does nothing, over the items. Figures, no verdict: `scripts/n8n-real.sh bench`.

import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

import { SparkBot } from '../support/sparkbot.mjs';
import { RealN8n } from './n8n.mjs';

const ITEMS = Number(process.env.ITEMS ?? 1000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** Clock ticks a second in /proc, whatever the kernel's own clock is. */
const TICKS = 100;

const node = (name, type, typeVersion, parameters, more = {}) => ({
	id: name,
	name,
	type,
	typeVersion,
	parameters,
	position: [0, 0],
	...more,
});

const nothing = () => node('Last', 'n8n-nodes-base.noOp', 1, {});

/** Send Text Message, with expressions as a workflow has them. */
const send = (device, phone, credentials) =>
	node(
		'Last',
		'n8n-nodes-sparkbot.sparkBot',
		1,
		{
			resource: 'message',
			operation: 'sendTextMessage',
			device: { __rl: true, mode: 'id', value: device },
			target: 'phone',
			phone: `={{ $json.n >= 0 ? "${phone}" : "" }}`,
			message: '=Hello {{ $json.name }}, order {{ $json.n }} of {{ $now.year }} is ready',
		},
		{ credentials },
	);

/** One of the cheapest requests, with its answer simplified. */
const read = (device, credentials) =>
	node(
		'Last',
		'n8n-nodes-sparkbot.sparkBot',
		1,
		{
			resource: 'number',
			operation: 'getNumberById',
			device: { __rl: true, mode: 'id', value: `={{ $json.n >= 0 ? "${device}" : "" }}` },
		},
		{ credentials },
	);

function workflow(name, last) {
	const rows = `={{ { rows: Array.from({ length: ${ITEMS} }, (_, n) => ({ n, name: 'Ben' })) } }}`;
	const names = ['When clicking Execute', 'Make', 'Rows', 'Last'];
	return {
		name,
		settings: {},
		nodes: [
			node(names[0], 'n8n-nodes-base.manualTrigger', 1, {}),
			node(names[1], 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: rows, options: {} }),
			node(names[2], 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'rows', options: {} }),
			last,
		],
		connections: Object.fromEntries(
			names.slice(1).map((to, n) => [names[n], { main: [[{ node: to, type: 'main', index: 0 }]] }]),
		),
	};
}

async function cpuSeconds(pid) {
	const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Milliseconds of n8n's processor time that one run takes. */
async function cost(n8n, made) {
	const before = await cpuSeconds(n8n.child.pid);
	const done = await n8n.run(made);
	const took = (await cpuSeconds(n8n.child.pid)) - before;
	const { length } = done.items('Last');
	if (done.status !== 'success' || length !== ITEMS) {
		throw new Error(
			`${done.status} with ${length} items: ${JSON.stringify(done.resultData.error)}`,
		);
	}
	return took * 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const [server, n8n] = await Promise.all([SparkBot.start(), RealN8n.install()]);
try {
	await n8n.start();
	n8n.credentials = await n8n.credential(server.credential);
	const device = await server.number('+16001230001', 'Ana');
	const { phone } = await server.phone('+16001230002', 'Ben');
	const lasts = {
		'No Operation': nothing(),
		'Get Number by ID': read(device, n8n.credentials),
		'Send Text Message': send(device, phone, n8n.credentials),
	};
	const made = {};
	for (const [name, last] of Object.entries(lasts)) {
		made[name] = await n8n.api('POST', '/rest/workflows', workflow(name, last));
		// The first run loads and compiles what the others find ready.
		await cost(n8n, made[name]);
	}
	const took = Object.fromEntries(Object.keys(made).map((name) => [name, []]));
	for (let round = 0; round < ROUNDS; round++) {
		for (const name of Object.keys(made)) took[name].push(await cost(n8n, made[name]));
	}
	const base = median(took['No Operation']);
	console.log(
		`${cpus().length} × ${cpus()[0].model}, ${ITEMS} items, ${ROUNDS} rounds, CPU of the n8n process`,
	);
	for (const [name, all] of Object.entries(took)) {
		const own = all.map((one) => ((one - base) / ITEMS).toFixed(2));
		const figures =
			name === 'No Operation'
				? ''
				: `, each item ${((median(all) - base) / ITEMS).toFixed(2)} ms (${own.join(', ')})`;
		console.log(`${name}: ${Math.round(median(all))} ms a run${figures}`);
	}
} finally {
	await n8n.remove();
	await server.stop();
}
