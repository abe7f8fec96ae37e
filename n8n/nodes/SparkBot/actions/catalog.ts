// Made by generator/generate.mjs from openapi.json; changes belong there.

import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';

export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['catalog'] } },
		options: [
			{
				name: 'Get My Catalog',
				value: 'getMyCatalog',
				description:
					"The number's own products, hidden ones too, in the order in which they are shown",
				action: 'Get my catalog',
			},
			{
				name: 'Query Business Catalog',
				value: 'queryBusinessCatalog',
				description: "The products of any business, kept and aged as one's own",
				action: 'Query business catalog',
			},
		],
		default: 'getMyCatalog',
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
			show: { resource: ['catalog'], operation: ['getMyCatalog', 'queryBusinessCatalog'] },
		},
	},
	{
		displayName: 'Business',
		name: 'phone',
		type: 'string',
		default: '',
		placeholder: 'e.g. +16001234561',
		description: 'The business: phone number in E.164, or WhatsApp ID. At most 60 characters.',
		required: true,
		displayOptions: { show: { resource: ['catalog'], operation: ['queryBusinessCatalog'] } },
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: {
			show: { resource: ['catalog'], operation: ['getMyCatalog', 'queryBusinessCatalog'] },
		},
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: {
			show: {
				resource: ['catalog'],
				operation: ['getMyCatalog', 'queryBusinessCatalog'],
				returnAll: [false],
			},
		},
	},
	{
		displayName: 'Options',
		placeholder: 'Add Option',
		name: 'options',
		type: 'collection',
		default: {},
		options: [
			{
				displayName: 'Ask WhatsApp',
				name: 'sync',
				type: 'boolean',
				default: false,
				description: 'Whether to ask WhatsApp, however young is what is kept',
			},
		],
		displayOptions: {
			show: { resource: ['catalog'], operation: ['getMyCatalog', 'queryBusinessCatalog'] },
		},
	},
];

export const actions: Actions = {
	getMyCatalog: {
		id: 'catalog.list',
		method: 'GET',
		path: '/v1/devices/{device}/catalog',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'options.sync', to: 'query', key: 'sync' },
		],
		pageSize: 500,
	},
	queryBusinessCatalog: {
		id: 'catalog.query',
		method: 'POST',
		path: '/v1/devices/{device}/catalog',
		fields: [
			{ name: 'device', to: 'path', key: 'device', required: true },
			{ name: 'phone', to: 'body', key: 'phone', required: true },
			{ name: 'options.sync', to: 'body', key: 'sync' },
		],
		pageSize: 500,
		pagesInBody: true,
	},
};
