import {
	NodeOperationError,
	type GenericValue,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestMethods,
} from 'n8n-workflow';

import type { Read } from './form';
import type { Ask } from './request';

interface Pairs {
	values?: Array<{ key: string; value: string }>;
}

/** Send API Request: whatever the form says, for what the other actions don't do. */
export function requestOfForm(context: IExecuteFunctions, read: Read, item: number): Ask {
	const path = String(read('urlPath') ?? '').trim();
	if (!/^\/?v1\//.test(path)) {
		throw new NodeOperationError(context.getNode(), `The path '${path}' does not begin with /v1/`, {
			description:
				'Enter only the path, such as /v1/devices; the server is named in the credential.',
			itemIndex: item,
		});
	}
	const method = String(read('httpMethod')) as IHttpRequestMethods;
	return {
		method,
		path: path.startsWith('/') ? path : `/${path}`,
		query: pairs(read('urlParams')),
		headers: pairs(read('headers')) as Record<string, string>,
		body: method === 'GET' ? undefined : json(context, read('body'), item),
		item,
	};
}

function pairs(value: GenericValue): IDataObject {
	const { values = [] } = (value ?? {}) as unknown as Pairs;
	return Object.fromEntries(values.map((pair) => [pair.key, pair.value]));
}

function json(context: IExecuteFunctions, value: GenericValue, item: number): unknown {
	if (typeof value !== 'string') return value ?? undefined;
	if (value.trim() === '') return undefined;
	try {
		return JSON.parse(value);
	} catch (error) {
		throw new NodeOperationError(context.getNode(), error as Error, {
			message: 'The body is not valid JSON',
			description: (error as Error).message,
			itemIndex: item,
		});
	}
}
