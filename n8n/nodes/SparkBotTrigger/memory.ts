import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

/** So many events of a webhook are recognised when they come again. */
const SEEN = 500;

/** What a trigger knows of its webhook, kept with the workflow. */
export interface Memory {
	/** The webhook's id at SparkBot. */
	id?: string;
	/** Key of its signatures. */
	secret?: string;
	/** How far in the event log the last webhook had come when it was removed. */
	position?: number;
}

/** A test has a memory and a webhook of its own: n8n keeps its data apart from the active workflow's. */
export function remembered(context: IHookFunctions | IWebhookFunctions): Memory {
	return context.getWorkflowStaticData('node');
}

/**
 * The last events by webhook. Kept in the process and not with the workflow: n8n 2.41 does not save what a webhook
 * changes there when it starts an execution.
 */
const seen = new Map<string, Set<string>>();

/** Whether an event of a webhook comes for the first time. */
export function isNew(webhook: string, event: string): boolean {
	const events = seen.get(webhook) ?? new Set();
	seen.set(webhook, events);
	if (events.has(event)) return false;
	events.add(event);
	if (events.size > SEEN) events.delete(events.values().next().value as string);
	return true;
}
