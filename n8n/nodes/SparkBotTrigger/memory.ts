import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

/** So many events are recognised when they come again. */
const SEEN = 500;

/** What a trigger knows of its webhook, kept with the workflow. */
export interface Memory {
	/** The webhook's id at SparkBot. */
	id?: string;
	/** Key of its signatures. */
	secret?: string;
	/** The newest position of the event log that was delivered here. */
	position?: number;
	/** Ids of the last events. */
	seen?: string[];
}

/** Test and production URL have a webhook each, and stand side by side. */
export function remembered(context: IHookFunctions | IWebhookFunctions): Memory {
	const kept = context.getWorkflowStaticData('node');
	const url = String(context.getNodeWebhookUrl('default'));
	kept[url] ??= {};
	return kept[url] as Memory;
}

export function wasSeen(memory: Memory, event: string): boolean {
	return (memory.seen ?? []).includes(event);
}

export function remember(memory: Memory, event: string, position: number): void {
	memory.seen = [...(memory.seen ?? []), event].slice(-SEEN);
	if (position > (memory.position ?? 0)) memory.position = position;
}
