// Made by generator/generate.mjs from openapi.json; changes belong there.

import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';

export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['queue'] } },
		options: [
			{
				name: 'Empty Queue',
				value: 'emptyQueue',
				description:
					'Takes waiting messages out; they end as <code>removed</code>, with an event each',
				action: 'Empty queue',
			},
			{
				name: 'Get Queue Status',
				value: 'getQueueStatus',
				description:
					'What waits, and why it does not leave when it does not: a person has paused it, the number is not online, or WhatsApp refuses',
				action: 'Get queue status',
			},
			{
				name: 'Route Queue',
				value: 'routeQueue',
				description: 'Gives the waiting messages of the number in the path to the one in the body',
				action: 'Route queue',
			},
			{ name: 'Set Queue Status', value: 'setQueueStatus', action: 'Set queue status' },
		],
		default: 'getQueueStatus',
	},
	{
		displayName: 'WhatsApp Number',
		name: 'device',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
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
		description: 'ID of a WhatsApp number',
		required: true,
		displayOptions: {
			show: {
				resource: ['queue'],
				operation: ['getQueueStatus', 'setQueueStatus', 'routeQueue', 'emptyQueue'],
			},
		},
	},
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [
			{ name: 'Active', value: 'active' },
			{ name: 'Pause', value: 'pause' },
			{ name: 'Reject', value: 'reject' },
			{ name: 'Freeze', value: 'freeze' },
		],
		default: 'active',
		description:
			'<code>active</code> takes and sends messages, <code>pause</code> takes and does not send, <code>reject</code> sends what it has and takes no more (409), <code>freeze</code> does neither',
		required: true,
		displayOptions: { show: { resource: ['queue'], operation: ['setQueueStatus'] } },
	},
	{
		displayName: 'Force',
		name: 'force',
		type: 'boolean',
		default: false,
		description:
			'Whether, with Pause and Freeze, to answer at once instead of after what is on its way, and with Active, to resume also while WhatsApp holds the queue back',
		displayOptions: { show: { resource: ['queue'], operation: ['setQueueStatus'] } },
	},
	{
		displayName: 'Target Number',
		name: 'targetDevice',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
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
		description: 'ID of the number that is to send the messages',
		required: true,
		displayOptions: { show: { resource: ['queue'], operation: ['routeQueue'] } },
	},
	{
		displayName: 'Messages',
		name: 'filterType',
		type: 'options',
		options: [
			{ name: 'All', value: 'none' },
			{ name: 'By Group', value: 'groups' },
			{ name: 'By ID', value: 'ids' },
			{ name: 'By Phone Number', value: 'phones' },
			{ name: 'By Time', value: 'dateRange' },
		],
		default: 'none',
		displayOptions: { show: { resource: ['queue'], operation: ['emptyQueue'] } },
	},
	{
		displayName: 'IDs',
		name: 'ids',
		type: 'string',
		default: '',
		placeholder: 'e.g. 5f0c9e2ab1d34c6789012345, 5f0c9e2ab1d34c6789012346',
		description: 'Only these messages. Several are separated by commas. At most 500 entries.',
		required: true,
		displayOptions: {
			show: { resource: ['queue'], operation: ['emptyQueue'], filterType: ['ids'] },
		},
	},
	{
		displayName: 'Phone Numbers',
		name: 'phones',
		type: 'string',
		default: '',
		placeholder: 'e.g. +16001234561, +16001234562',
		description:
			'Only those to these phone numbers. Several are separated by commas. At most 500 entries.',
		required: true,
		displayOptions: {
			show: { resource: ['queue'], operation: ['emptyQueue'], filterType: ['phones'] },
		},
	},
	{
		displayName: 'Groups',
		name: 'groups',
		type: 'string',
		default: '',
		placeholder: 'e.g. 120363000000000001@g.us',
		description:
			'Only those to these groups. Several are separated by commas. At most 500 entries.',
		required: true,
		displayOptions: {
			show: { resource: ['queue'], operation: ['emptyQueue'], filterType: ['groups'] },
		},
	},
	{
		displayName: 'Before',
		name: 'before',
		type: 'dateTime',
		default: '',
		description: 'Only those to be delivered at this time or earlier',
		displayOptions: {
			show: { resource: ['queue'], operation: ['emptyQueue'], filterType: ['dateRange'] },
		},
	},
	{
		displayName: 'After',
		name: 'after',
		type: 'dateTime',
		default: '',
		description: 'Only those to be delivered at this time or later',
		displayOptions: {
			show: { resource: ['queue'], operation: ['emptyQueue'], filterType: ['dateRange'] },
		},
	},
	{
		displayName: 'Skip Scheduled',
		name: 'skipScheduled',
		type: 'boolean',
		default: false,
		description: 'Whether to leave what is scheduled for later',
		displayOptions: { show: { resource: ['queue'], operation: ['emptyQueue'] } },
	},
	{
		displayName: 'Wait',
		name: 'wait',
		type: 'boolean',
		default: false,
		description: 'Whether to answer only when nothing is on its way any more, 30 seconds at most',
		displayOptions: { show: { resource: ['queue'], operation: ['emptyQueue'] } },
	},
];

export const actions: Actions = {
	getQueueStatus: {
		id: 'queue.get',
		method: 'GET',
		path: '/v1/devices/{device}/queue',
		fields: [{ name: 'device', to: 'path', key: 'device', required: true }],
	},
	setQueueStatus: {
		id: 'queue.set',
		method: 'POST',
		path: '/v1/devices/{device}/queue',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'status', to: 'body', key: 'status', required: true },
			{ name: 'force', to: 'body', key: 'force' },
		],
	},
	routeQueue: {
		id: 'queue.route',
		method: 'PATCH',
		path: '/v1/devices/{device}/queue',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'targetDevice', to: 'body', key: 'device', required: true },
		],
	},
	emptyQueue: {
		id: 'queue.empty',
		method: 'DELETE',
		path: '/v1/devices/{device}/queue',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{
				name: 'ids',
				to: 'body',
				key: 'ids',
				required: true,
				as: 'list',
				when: [{ name: 'filterType', is: ['ids'] }],
			},
			{
				name: 'phones',
				to: 'body',
				key: 'phones',
				required: true,
				as: 'list',
				when: [{ name: 'filterType', is: ['phones'] }],
			},
			{
				name: 'groups',
				to: 'body',
				key: 'groups',
				required: true,
				as: 'list',
				when: [{ name: 'filterType', is: ['groups'] }],
			},
			{
				name: 'before',
				to: 'body',
				key: 'before',
				as: 'date',
				when: [{ name: 'filterType', is: ['dateRange'] }],
			},
			{
				name: 'after',
				to: 'body',
				key: 'after',
				as: 'date',
				when: [{ name: 'filterType', is: ['dateRange'] }],
			},
			{ name: 'skipScheduled', to: 'body', key: 'skipScheduled' },
			{ name: 'wait', to: 'query', key: 'wait' },
		],
	},
};
