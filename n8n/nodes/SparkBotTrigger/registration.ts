import type { IDataObject, IHookFunctions } from 'n8n-workflow';

import { parse, request, requestJson } from '../SparkBot/request';
import { remembered } from './memory';

/** A webhook's name has at most so many characters. */
const NAME = 30;

interface Webhook {
	id: string;
	url: string;
	status: string;
	position: number;
}

function wanted(context: IHookFunctions): IDataObject {
	const picked = context.getNodeParameter('device', '') as IDataObject | string;
	const device = (typeof picked === 'object' ? picked.value : picked) as string;
	return { events: context.getNodeParameter('events') as string[], device: device || null };
}

/**
 * Whether the webhook is there. One that is gets the events and the number of the form; one that SparkBot has given
 * up, because n8n was away for long, goes on where it stopped.
 */
export async function exists(context: IHookFunctions): Promise<boolean> {
	const memory = remembered(context);
	const url = context.getNodeWebhookUrl('default');
	if (!memory.id || !memory.secret) {
		await removeOthers(context, url);
		return false;
	}
	const path = `/v1/webhooks/${memory.id}`;
	const answer = await request(context, { method: 'GET', path, accept: 404 });
	if (answer.status === 404) return false;
	const { status } = parse(answer) as Webhook;
	await request(context, { method: 'PATCH', path, body: { ...wanted(context), url } });
	if (status === 'failed' || status === 'disabled') {
		await request(context, { method: 'POST', path: `${path}/enable` });
	}
	return true;
}

/** Webhooks with this URL whose secret nobody knows any more. */
async function removeOthers(context: IHookFunctions, url: string | undefined): Promise<void> {
	const found = await requestJson<Webhook[]>(context, {
		method: 'GET',
		path: '/v1/webhooks',
		query: { search: url, size: 200 },
	});
	for (const { id } of found.filter((webhook) => webhook.url === url)) {
		await request(context, { method: 'DELETE', path: `/v1/webhooks/${id}`, accept: 404 });
	}
}

/** Makes the webhook, and has delivered again what happened since the last one was there. */
export async function make(context: IHookFunctions): Promise<void> {
	const memory = remembered(context);
	const made = await requestJson<Webhook & { secret: string }>(context, {
		method: 'POST',
		path: '/v1/webhooks',
		body: {
			name: `n8n: ${context.getWorkflow().name ?? context.getWorkflow().id}`.slice(0, NAME),
			url: context.getNodeWebhookUrl('default'),
			...wanted(context),
		},
	});
	memory.id = made.id;
	memory.secret = made.secret;
	const { catchUp } = context.getNodeParameter('options', {}) as { catchUp?: boolean };
	const isDeliberate = context.getActivationMode() === 'activate';
	const { position } = memory;
	delete memory.position;
	const isTest = context.getMode() === 'manual';
	if (position === undefined || isTest || (isDeliberate && !catchUp)) return;
	// Refused when the log no longer reaches back so far; what is new comes in any case.
	const path = `/v1/webhooks/${made.id}/replay`;
	await request(context, { method: 'POST', path, body: { after: position }, accept: 400 });
}

/**
 * Removes the webhook; how far it had come stays known. One that SparkBot has given up stays: it still holds what was
 * missed, and goes on with that when the workflow is activated again.
 */
export async function remove(context: IHookFunctions): Promise<void> {
	const memory = remembered(context);
	if (memory.id) {
		const path = `/v1/webhooks/${memory.id}`;
		const answer = await request(context, { method: 'GET', path, accept: 404 });
		if (answer.status !== 404) {
			const { status, position } = parse(answer) as Webhook;
			if (status === 'failed') return;
			memory.position = position;
			await request(context, { method: 'DELETE', path, accept: 404 });
		}
	}
	delete memory.id;
	delete memory.secret;
}
