import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { properties } from './actions';
import { execute } from './execute';
import { listSearch, loadOptions } from './lists';

export class SparkBot implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SparkBot',
		name: 'sparkBot',
		icon: { light: 'file:../../icons/sparkbot.svg', dark: 'file:../../icons/sparkbot.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Link WhatsApp numbers, send messages and manage chats, groups, channels and teams',
		defaults: { name: 'SparkBot' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'sparkBotApi', required: true }],
		properties,
	};

	methods = { listSearch, loadOptions };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute.call(this);
	}
}
