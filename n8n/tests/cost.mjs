// CPU time of the node for one item: node tests/cost.mjs. Measured, not tested, since machines differ.

import { createServer } from 'node:http';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

import { by, N8n } from './support/n8n.mjs';

const ITEMS = 500;

if (!isMainThread) {
	// The server has a thread of its own, whose time is not counted.
	const server = createServer((request, response) => {
		request.resume();
		request.on('end', () => {
			response.writeHead(201, { 'content-type': 'application/json' });
			response.end('{"id":"5f0c9e2ab1d34c6789012345","status":"queued"}');
		});
	});
	server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
} else {
	const worker = new Worker(new URL(import.meta.url));
	const port = await new Promise((resolve) => worker.once('message', resolve));
	const n8n = await N8n.load({ baseUrl: `http://127.0.0.1:${port}`, apiKey: 'x' });
	const items = Array.from({ length: ITEMS }, (_, n) => ({ json: { n } }));
	const parameters = {
		resource: 'message',
		operation: 'sendTextMessage',
		device: by('6b031f1ab7b6648b134238de'),
		target: 'phone',
		phone: '=+1600123{{ String($json.n).padStart(4, "0") }}',
		message: '=Hello {{ $json.n }}',
		options: { reference: '=order-{{ $json.n }}', priority: 'high', typing: 2 },
	};
	await n8n.run(parameters, items.slice(0, 50));
	// Threads are counted together by the process; the server's share is known from its own clock.
	const before = performance.eventLoopUtilization();
	const start = performance.now();
	const { error } = await n8n.run(parameters, items);
	if (error) throw error;
	const { active } = performance.eventLoopUtilization(before);
	const took = performance.now() - start;
	console.log(
		`${ITEMS} items: ${(active / ITEMS).toFixed(2)} ms of the event loop and ${(took / ITEMS).toFixed(2)} ms in all for each`,
	);
	process.exit(0);
}
