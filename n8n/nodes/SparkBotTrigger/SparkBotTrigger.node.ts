import {
	NodeConnectionTypes,
	type IDataObject,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { eventOptions } from '../SparkBot/actions/choices';
import { listSearch } from '../SparkBot/lists';
import { isOfTypes } from './chatTypes';
import { exists, make, remove } from './registration';
import { isSigned } from './signature';
import { isNew, remembered } from './memory';

export class SparkBotTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SparkBot Trigger',
		name: 'sparkBotTrigger',
		icon: { light: 'file:../../icons/sparkbot.svg', dark: 'file:../../icons/sparkbot.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts the workflow when something happens in WhatsApp',
		defaults: { name: 'SparkBot Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'sparkBotApi', required: true }],
		webhooks: [
			{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
		],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['message:in:new'],
				description: 'What starts the workflow',
				options: eventOptions,
			},
			{
				displayName: 'WhatsApp Number',
				name: 'device',
				type: 'resourceLocator',
				default: { mode: 'list', value: '' },
				description: 'Only what happens to this number; empty for all numbers',
				modes: [
					{
						displayName: 'From List',
						name: 'list',
						type: 'list',
						typeOptions: { searchListMethod: 'searchNumbers', searchable: true },
					},
					{
						displayName: 'By ID',
						name: 'id',
						type: 'string',
						placeholder: 'e.g. 6b031f1ab7b6648b134238de',
					},
				],
			},
			{
				displayName: 'Chat Types',
				name: 'chatTypes',
				type: 'multiOptions',
				default: [],
				description:
					'Only what happens in chats of these types; empty for all. Events that belong to no chat always start the workflow.',
				options: [
					{ name: 'Channel', value: 'channel' },
					{ name: 'Group', value: 'group' },
					{ name: 'Person', value: 'chat' },
					{ name: 'Status', value: 'status' },
				],
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Catch Up When Activated',
						name: 'catchUp',
						type: 'boolean',
						default: false,
						description:
							'Whether a workflow that is activated again first gets what happened while it was inactive, as far as the server still keeps it. What was missed while n8n was down comes in any case.',
					},
				],
			},
		],
		usableAsTool: undefined,
	};

	methods = { listSearch };

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await exists(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await make(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				await remove(this);
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const memory = remembered(this);
		const request = this.getRequestObject();
		if (!isSigned(request.rawBody, this.getHeaderData(), memory.secret)) {
			this.getResponseObject().status(401).json({
				message: 'The signature does not fit; this webhook takes deliveries of SparkBot only.',
			});
			return { noWebhookResponse: true };
		}
		const event = this.getBodyData();
		if (!isNew(String(memory.id), String(event.eventId))) {
			return { webhookResponse: { message: 'Seen before' } };
		}
		const types = this.getNodeParameter('chatTypes', []) as string[];
		if (!isOfTypes(event.data as IDataObject, types)) {
			return { webhookResponse: { message: 'Not wanted' } };
		}
		return { workflowData: [[{ json: event }]] };
	}
}
