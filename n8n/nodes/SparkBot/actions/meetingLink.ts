// Made by generator/generate.mjs from openapi.json; changes belong there.

import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';
import * as choices from './choices';

export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['meetingLink'] } },
		options: [
			{
				name: 'Create Meeting Link',
				value: 'createMeetingLink',
				description: 'WhatsApp makes the link; whoever has it can join',
				action: 'Create meeting link',
			},
			{
				name: 'Delete Meeting Links',
				value: 'deleteMeetingLinks',
				description:
					'Takes links off this list: those of <code>IDs</code> and <code>URLs</code>, or those made or ending within the given times; without any condition all',
				action: 'Delete meeting links',
			},
			{
				name: 'Get Meeting Links',
				value: 'getMeetingLinks',
				description: 'The links that were made here and have not come to their end, newest first',
				action: 'Get meeting links',
			},
		],
		default: 'createMeetingLink',
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
				resource: ['meetingLink'],
				operation: ['getMeetingLinks', 'createMeetingLink', 'deleteMeetingLinks'],
			},
		},
	},
	{
		displayName: 'Kind',
		name: 'kind',
		type: 'options',
		options: [
			{ name: 'Voice', value: 'voice' },
			{ name: 'Video', value: 'video' },
		],
		default: 'voice',
		description: 'Whether people see each other',
		required: true,
		displayOptions: { show: { resource: ['meetingLink'], operation: ['createMeetingLink'] } },
	},
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		default: '',
		typeOptions: { rows: 4 },
		placeholder: 'e.g. Monday Round',
		description: 'What it is for, kept with the link. At most 1,000 characters.',
		displayOptions: { show: { resource: ['meetingLink'], operation: ['createMeetingLink'] } },
	},
	{
		displayName: 'Expiration',
		name: 'expiration',
		type: 'options',
		options: choices.expirationOptions2,
		default: '30d',
		description: 'How long it stays on this list, 30 days when nothing is said',
		displayOptions: { show: { resource: ['meetingLink'], operation: ['createMeetingLink'] } },
	},
	{
		displayName: 'Delete',
		name: 'deleteMethod',
		type: 'options',
		options: [
			{ name: 'All', value: 'all' },
			{ name: 'Those Named Below', value: 'specific' },
			{ name: 'By Time', value: 'dateRange' },
		],
		default: 'specific',
		displayOptions: { show: { resource: ['meetingLink'], operation: ['deleteMeetingLinks'] } },
	},
	{
		displayName: 'IDs',
		name: 'ids',
		type: 'string',
		default: '',
		placeholder: 'e.g. 5f0c9e2ab1d34c6789012345, 5f0c9e2ab1d34c6789012346',
		description: 'These IDs. Several are separated by commas. At most 500 entries.',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['specific'],
			},
		},
	},
	{
		displayName: 'URLs',
		name: 'urls',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://call.whatsapp.com/video/…',
		description: 'These addresses or tokens. Several are separated by commas. At most 500 entries.',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['specific'],
			},
		},
	},
	{
		displayName: 'Created Before',
		name: 'createdBefore',
		type: 'dateTime',
		default: '',
		description: 'Only made before this time',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['dateRange'],
			},
		},
	},
	{
		displayName: 'Created After',
		name: 'createdAfter',
		type: 'dateTime',
		default: '',
		description: 'Only made after this time',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['dateRange'],
			},
		},
	},
	{
		displayName: 'Expires Before',
		name: 'expiresBefore',
		type: 'dateTime',
		default: '',
		description: 'Only those that end before this time',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['dateRange'],
			},
		},
	},
	{
		displayName: 'Expires After',
		name: 'expiresAfter',
		type: 'dateTime',
		default: '',
		description: 'Only those that end after this time',
		displayOptions: {
			show: {
				resource: ['meetingLink'],
				operation: ['deleteMeetingLinks'],
				deleteMethod: ['dateRange'],
			},
		},
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: { show: { resource: ['meetingLink'], operation: ['getMeetingLinks'] } },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: {
			show: { resource: ['meetingLink'], operation: ['getMeetingLinks'], returnAll: [false] },
		},
	},
	{
		displayName: 'Filters',
		placeholder: 'Add Filter',
		name: 'filters',
		type: 'collection',
		default: {},
		options: [
			{
				displayName: 'After',
				name: 'after',
				type: 'dateTime',
				default: '',
				description: 'Only made after this time',
			},
			{
				displayName: 'Before',
				name: 'before',
				type: 'dateTime',
				default: '',
				description: 'Only made before this time',
			},
			{
				displayName: 'Expires After',
				name: 'expiresAfter',
				type: 'dateTime',
				default: '',
				description: 'Only those that end after this time',
			},
			{
				displayName: 'Expires Before',
				name: 'expiresBefore',
				type: 'dateTime',
				default: '',
				description: 'Only those that end before this time',
			},
			{
				displayName: 'Kind',
				name: 'kind',
				type: 'multiOptions',
				options: [
					{ name: 'Voice', value: 'voice' },
					{ name: 'Video', value: 'video' },
				],
				default: [],
				description: 'Only of this kind',
			},
			{
				displayName: 'Search',
				name: 'search',
				type: 'string',
				default: '',
				placeholder: 'e.g. invoice',
				description: 'Only with this text in the message or the token. At most 200 characters.',
			},
		],
		displayOptions: { show: { resource: ['meetingLink'], operation: ['getMeetingLinks'] } },
	},
];

export const actions: Actions = {
	getMeetingLinks: {
		id: 'meetingLinks.list',
		method: 'GET',
		path: '/v1/devices/{device}/meeting-links',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'filters.search', to: 'query', key: 'search' },
			{ name: 'filters.before', to: 'query', key: 'before', as: 'date' },
			{ name: 'filters.after', to: 'query', key: 'after', as: 'date' },
			{ name: 'filters.expiresBefore', to: 'query', key: 'expiresBefore', as: 'date' },
			{ name: 'filters.expiresAfter', to: 'query', key: 'expiresAfter', as: 'date' },
			{ name: 'filters.kind', to: 'query', key: 'kind', as: 'list' },
		],
		pageSize: 500,
	},
	createMeetingLink: {
		id: 'meetingLinks.create',
		method: 'POST',
		path: '/v1/devices/{device}/meeting-links',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'kind', to: 'body', key: 'kind', required: true },
			{ name: 'message', to: 'body', key: 'message' },
			{ name: 'expiration', to: 'body', key: 'expiration' },
		],
	},
	deleteMeetingLinks: {
		id: 'meetingLinks.delete',
		method: 'DELETE',
		path: '/v1/devices/{device}/meeting-links',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{
				name: 'ids',
				to: 'body',
				key: 'ids',
				as: 'list',
				when: [{ name: 'deleteMethod', is: ['specific'] }],
			},
			{
				name: 'urls',
				to: 'body',
				key: 'urls',
				as: 'list',
				when: [{ name: 'deleteMethod', is: ['specific'] }],
			},
			{
				name: 'createdBefore',
				to: 'body',
				key: 'createdBefore',
				as: 'date',
				when: [{ name: 'deleteMethod', is: ['dateRange'] }],
			},
			{
				name: 'createdAfter',
				to: 'body',
				key: 'createdAfter',
				as: 'date',
				when: [{ name: 'deleteMethod', is: ['dateRange'] }],
			},
			{
				name: 'expiresBefore',
				to: 'body',
				key: 'expiresBefore',
				as: 'date',
				when: [{ name: 'deleteMethod', is: ['dateRange'] }],
			},
			{
				name: 'expiresAfter',
				to: 'body',
				key: 'expiresAfter',
				as: 'date',
				when: [{ name: 'deleteMethod', is: ['dateRange'] }],
			},
		],
	},
};
