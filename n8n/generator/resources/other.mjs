/** Whatever the API can do that the other actions don't. */
function apiRequest(resource) {
	const show = { resource: [resource], operation: ['sendApiRequest'] };
	const pairs = (displayName, name, placeholder, example) => ({
		displayName,
		name,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder,
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
						placeholder: `e.g. ${example[0]}`,
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: `e.g. ${example[1]}`,
					},
				],
			},
		],
		displayOptions: { show },
	});
	return [
		{
			displayName: 'Method',
			name: 'httpMethod',
			type: 'options',
			options: ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'].map((value) => ({ name: value, value })),
			default: 'GET',
			displayOptions: { show },
		},
		{
			displayName: 'Path',
			name: 'urlPath',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. /v1/devices',
			description: 'The path of the API, beginning with <code>/v1/</code>',
			displayOptions: { show },
		},
		pairs('Query Parameters', 'urlParams', 'Add Parameter', ['size', '20']),
		pairs('Headers', 'headers', 'Add Header', ['Idempotency-Key', 'order-1042']),
		{
			displayName: 'Body',
			name: 'body',
			type: 'json',
			default: '',
			displayOptions: { show: { ...show, httpMethod: ['DELETE', 'PATCH', 'POST', 'PUT'] } },
		},
		{
			displayName: 'Put Output File in Field',
			name: 'binaryPropertyName',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the output binary field to put the file in, when the answer is one',
			displayOptions: { show },
		},
	].map((property) => ({ place: 1, property }));
}

export default {
	tag: 'Other',
	name: 'Other',
	value: 'other',
	default: 'verifyNumberExists',
	actions: [
		{ id: 'numbers.exists' },
		{
			id: 'numbers.validate',
			main: ['numbers', 'country?'],
			fields: {
				numbers: { label: 'Phone Numbers', name: 'phoneNumbers', one: 'Phone Number' },
				country: { placeholder: 'e.g. US' },
			},
		},
		{
			form: apiRequest,
			option: {
				name: 'Send API Request',
				value: 'sendApiRequest',
				description: "Send any request to the API, for what the other actions don't do",
				action: 'Send API request',
			},
		},
	],
};
