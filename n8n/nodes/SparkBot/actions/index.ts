// Made by generator/generate.mjs from openapi.json; changes belong there.

import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';
import * as catalog from './catalog';
import * as campaign from './campaign';
import * as channel from './channel';
import * as chat from './chat';
import * as contact from './contact';
import * as chatFile from './chatFile';
import * as chatMessage from './chatMessage';
import * as department from './department';
import * as file from './file';
import * as group from './group';
import * as label from './label';
import * as meetingLink from './meetingLink';
import * as message from './message';
import * as other from './other';
import * as outboundMessage from './outboundMessage';
import * as queue from './queue';
import * as quickReply from './quickReply';
import * as team from './team';
import * as userStatus from './userStatus';
import * as webhook from './webhook';
import * as number from './number';
import * as profile from './profile';
import * as session from './session';

const resource: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Business Catalog', value: 'catalog' },
		{ name: 'Campaign', value: 'campaign' },
		{ name: 'Channel', value: 'channel' },
		{ name: 'Chat', value: 'chat' },
		{ name: 'Chat Contact', value: 'contact' },
		{ name: 'Chat File', value: 'chatFile' },
		{ name: 'Chat Message', value: 'chatMessage' },
		{ name: 'Department', value: 'department' },
		{ name: 'File', value: 'file' },
		{ name: 'Group', value: 'group' },
		{ name: 'Label', value: 'label' },
		{ name: 'Meeting Link', value: 'meetingLink' },
		{ name: 'Message', value: 'message' },
		{ name: 'Other', value: 'other' },
		{ name: 'Outbound Message', value: 'outboundMessage' },
		{ name: 'Queue', value: 'queue' },
		{ name: 'Quick Reply', value: 'quickReply' },
		{ name: 'Team', value: 'team' },
		{ name: 'User Status', value: 'userStatus' },
		{ name: 'Webhook', value: 'webhook' },
		{ name: 'WhatsApp Number', value: 'number' },
		{ name: 'WhatsApp Profile', value: 'profile' },
		{ name: 'WhatsApp Session', value: 'session' },
	],
	default: 'session',
};

export const properties: INodeProperties[] = [
	resource,
	...catalog.properties,
	...campaign.properties,
	...channel.properties,
	...chat.properties,
	...contact.properties,
	...chatFile.properties,
	...chatMessage.properties,
	...department.properties,
	...file.properties,
	...group.properties,
	...label.properties,
	...meetingLink.properties,
	...message.properties,
	...other.properties,
	...outboundMessage.properties,
	...queue.properties,
	...quickReply.properties,
	...team.properties,
	...userStatus.properties,
	...webhook.properties,
	...number.properties,
	...profile.properties,
	...session.properties,
];

/** By resource, then by operation. */
export const actions: Record<string, Actions> = {
	catalog: catalog.actions,
	campaign: campaign.actions,
	channel: channel.actions,
	chat: chat.actions,
	contact: contact.actions,
	chatFile: chatFile.actions,
	chatMessage: chatMessage.actions,
	department: department.actions,
	file: file.actions,
	group: group.actions,
	label: label.actions,
	meetingLink: meetingLink.actions,
	message: message.actions,
	other: other.actions,
	outboundMessage: outboundMessage.actions,
	queue: queue.actions,
	quickReply: quickReply.actions,
	team: team.actions,
	userStatus: userStatus.actions,
	webhook: webhook.actions,
	number: number.actions,
	profile: profile.actions,
	session: session.actions,
};
