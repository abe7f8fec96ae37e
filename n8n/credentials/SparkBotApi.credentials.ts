import type {
	IAuthenticate,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

export class SparkBotApi implements ICredentialType {
	name = 'sparkBotApi';

	displayName = 'SparkBot API';

	icon: Icon = { light: 'file:../icons/sparkbot.svg', dark: 'file:../icons/sparkbot.dark.svg' };

	documentationUrl = 'https://sparkbot.example/docs/n8n#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://sparkbot.example.com',
			description: 'Where your SparkBot server is reached, without a path',
			required: true,
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. 80 hexadecimal digits',
			description:
				'Shown once when the server starts for the first time; <code>sparkbot key create</code> makes another one',
			required: true,
		},
	];

	/** A function and not an expression, which n8n would evaluate anew for every request. */
	authenticate: IAuthenticate = async (credentials, request) => ({
		...request,
		headers: { ...request.headers, Token: credentials.apiKey },
	});

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}',
			url: '/v1/me',
			method: 'GET',
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'SparkBot does not know this API key. It may be mistyped, revoked or expired; make a new one on the server with: sparkbot key create',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 403,
					message:
						'This API key is known but may not do that. Make one with more scopes on the server with: sparkbot key create',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message:
						'There is a server at this base URL, but it is no SparkBot. Enter the address without a path, such as https://sparkbot.example.com',
				},
			},
		],
	};
}
