// Made by generator/generate.mjs from openapi.json; changes belong there.

import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';

export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['other'] } },
		options: [
			{
				name: 'Send API Request',
				value: 'sendApiRequest',
				description: "Send any request to the API, for what the other actions don't do",
				action: 'Send API request',
			},
			{
				name: 'Validate Phone Numbers',
				value: 'validatePhoneNumbers',
				description: 'Reads numbers as people write them, and tells which are wrong and why',
				action: 'Validate phone numbers',
			},
			{
				name: 'Verify Number Exists',
				value: 'verifyNumberExists',
				description:
					'Asks WhatsApp whether it knows a phone number, through any number of the account that is online',
				action: 'Verify number exists',
			},
		],
		default: 'verifyNumberExists',
	},
	{
		displayName: 'Phone Number',
		name: 'phone',
		type: 'string',
		default: '',
		placeholder: 'e.g. +16001234561',
		description: 'In E.164. At most 40 characters.',
		required: true,
		displayOptions: { show: { resource: ['other'], operation: ['verifyNumberExists'] } },
	},
	{
		displayName: 'Phone Numbers',
		name: 'phoneNumbers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Phone Number',
		default: {},
		options: [
			{
				displayName: 'Phone Number',
				name: 'values',
				values: [
					{
						displayName: 'Phone Number',
						name: 'phone',
						type: 'string',
						default: '',
						placeholder: 'e.g. +16001234561',
						description: 'The number. At most 50 characters.',
						required: true,
					},
				],
			},
		],
		description: 'As people write them. At most 100 entries.',
		displayOptions: { show: { resource: ['other'], operation: ['validatePhoneNumbers'] } },
	},
	{
		displayName: 'Country',
		name: 'country',
		type: 'string',
		default: '',
		placeholder: 'e.g. US',
		description:
			'ISO 3166 alpha-2 code of the country of numbers that are written without a country code. At most 2 characters.',
		displayOptions: { show: { resource: ['other'], operation: ['validatePhoneNumbers'] } },
	},
	{
		displayName: 'Method',
		name: 'httpMethod',
		type: 'options',
		options: [
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		default: 'GET',
		displayOptions: { show: { resource: ['other'], operation: ['sendApiRequest'] } },
	},
	{
		displayName: 'Path',
		name: 'urlPath',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /v1/devices',
		description: 'The path of the API, beginning with <code>/v1/</code>',
		displayOptions: { show: { resource: ['other'], operation: ['sendApiRequest'] } },
	},
	{
		displayName: 'Query Parameters',
		name: 'urlParams',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Parameter',
		default: {},
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Name',
						name: 'key',
						type: 'string',
						default: '',
						placeholder: 'e.g. size',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. 20',
					},
				],
			},
		],
		displayOptions: { show: { resource: ['other'], operation: ['sendApiRequest'] } },
	},
	{
		displayName: 'Headers',
		name: 'headers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Header',
		default: {},
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Name',
						name: 'key',
						type: 'string',
						default: '',
						placeholder: 'e.g. Idempotency-Key',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. order-1042',
					},
				],
			},
		],
		displayOptions: { show: { resource: ['other'], operation: ['sendApiRequest'] } },
	},
	{
		displayName: 'Body',
		name: 'body',
		type: 'json',
		default: '',
		displayOptions: {
			show: {
				resource: ['other'],
				operation: ['sendApiRequest'],
				httpMethod: ['DELETE', 'PATCH', 'POST', 'PUT'],
			},
		},
	},
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		hint: 'The name of the output binary field to put the file in, when the answer is one',
		displayOptions: { show: { resource: ['other'], operation: ['sendApiRequest'] } },
	},
];

export const actions: Actions = {
	verifyNumberExists: {
		id: 'numbers.exists',
		method: 'POST',
		path: '/v1/numbers/exists',
		fields: [{ name: 'phone', to: 'body', key: 'phone', required: true }],
	},
	validatePhoneNumbers: {
		id: 'numbers.validate',
		method: 'POST',
		path: '/v1/numbers/validate',
		fields: [
			{
				name: 'phoneNumbers',
				to: 'body',
				key: 'numbers',
				required: true,
				as: 'rows',
				row: [{ name: 'phone', key: 'phone', required: true, to: 'body' }],
			},
			{ name: 'country', to: 'body', key: 'country' },
		],
		list: true,
	},
};
