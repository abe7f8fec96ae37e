// One SparkBot with a number of Ana's that is online, people around her, and an n8n that notes what it has done.

import { N8n, by } from './n8n.mjs';
import { SparkBot } from './sparkbot.mjs';

export const ANA = '+16001230001';
export const BEN = '+16001230002';
export const CLEO = '+16001230003';

export class World {
	static async begin() {
		const server = await SparkBot.start();
		const n8n = await N8n.load(server.credential);
		const world = new World(server, n8n);
		world.device = await server.number(ANA, 'Ana');
		world.number = by(world.device);
		world.ben = await server.phone(BEN, 'Ben');
		world.cleo = await server.phone(CLEO, 'Cleo');
		return world;
	}

	constructor(server, n8n) {
		this.server = server;
		this.n8n = n8n;
		this.done = new Set();
	}

	api(method, path, body) {
		return this.server.api(method, path, body);
	}

	/** An action on the number; its items. */
	async act(resource, operation, parameters = {}, items = undefined) {
		this.done.add(`${resource}.${operation}`);
		return await this.n8n.act(resource, operation, { device: this.number, ...parameters }, items);
	}

	/** An action that answers one item; its JSON. */
	async one(resource, operation, parameters = {}, items = undefined) {
		const made = await this.act(resource, operation, { simplify: false, ...parameters }, items);
		if (made.length !== 1) throw new Error(`${operation} answered ${made.length} items`);
		return made[0].json;
	}

	/** A text of Ben's that has arrived; the chat message. */
	async received(text, from = this.ben) {
		await from.write(ANA, text);
		return await this.until(`'${text}' in the inbox`, async () => {
			const found = await this.api('GET', `/v1/chat/${this.device}/messages?size=20`);
			return found.find(({ body }) => body === text);
		});
	}

	async until(what, ask) {
		const { eventually } = await import('./sparkbot.mjs');
		return await eventually(what, ask);
	}
}
