import { createHash } from 'crypto';
import {
	NodeApiError,
	type GenericValue,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import type { Action } from './action';
import { actions } from './actions';
import { dataUri, received, upload, uploadOf, UPLOAD_PATIENCE } from './files';
import { fill, holds, putInto, reader, type Filled, type Read } from './form';
import { parse, request, type Answer, type Ask } from './request';
import { requestOfForm } from './anyRequest';
import { simplify } from './simplify';

/** How many entries Return All takes from one request at most. */
const LARGEST_PAGE = 200;

/** Sends the items one after the other, in order. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const made: INodeExecutionData[] = [];
	const keys = idempotencyKeys(this);
	for (let item = 0; item < this.getInputData().length; item++) {
		try {
			const out = await send(this, item, keys(item));
			made.push(...out.map((entry) => ({ ...entry, pairedItem: { item } })));
		} catch (error) {
			if (!this.continueOnFail()) {
				// The same object comes back when it is one already, with its text and its item.
				throw new NodeApiError(this.getNode(), error, { itemIndex: item });
			}
			made.push({ json: refusalOf(error), pairedItem: { item } });
		}
	}
	return [made];
}

/** Any other key would keep the item on the success output. */
function refusalOf(error: NodeApiError): IDataObject {
	return {
		error: error.message,
		details: {
			code: error.context?.errorCode as string,
			hint: error.description,
			httpCode: error.httpCode,
			meta: error.context?.meta as IDataObject,
		},
	};
}

/**
 * One key for each item of each run of the node within an execution. Trying again, be it by Retry On Fail or by
 * retrying the execution as a whole, finds the same keys: the node's context is kept with the execution's data, so
 * that a retried execution goes by the id of the first one.
 */
function idempotencyKeys(context: IExecuteFunctions): (item: number) => string {
	const memory = context.getContext('node');
	memory.execution ??= `${context.getWorkflow().id}:${context.getExecutionId()}`;
	const run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	// A hash, since a node's id may be any text.
	const place = `${String(memory.execution)}:${context.getNode().id}:${run}`;
	const prefix = createHash('sha256').update(place).digest('base64url');
	return (item) => `n8n:${prefix}:${item}`;
}

async function send(
	context: IExecuteFunctions,
	item: number,
	key: string,
): Promise<INodeExecutionData[]> {
	const read = reader(context, item);
	const resource = String(read('resource'));
	const operation = String(read('operation'));
	if (operation === 'sendApiRequest') {
		return await entries(context, await request(context, requestOfForm(context, read, item)), read);
	}
	const action = actions[resource][operation];
	const filled = fill(action, read, context.getTimezone());
	const ask: Ask = {
		method: action.method,
		path: filled.path,
		query: filled.query,
		body: filled.body,
		headers: action.idempotent ? { 'Idempotency-Key': key } : {},
		patience: action.patience,
		item,
	};
	await attach(context, action, read, filled, ask, key);
	if (action.pageSize) return await pages(context, action, ask, read);
	return await entries(context, await request(context, ask), read, action);
}

/** Files of the item: uploaded first, or put into the request. */
async function attach(
	context: IExecuteFunctions,
	action: Action,
	read: Read,
	filled: Filled,
	ask: Ask,
	key: string,
): Promise<void> {
	const item = ask.item ?? 0;
	for (const field of action.fields) {
		if (field.as !== 'image' || !holds(field.when, read)) continue;
		putInto(filled, field.key, await dataUri(context, item, String(read(field.name))));
	}
	const { upload: wanted } = action;
	if (wanted && holds(wanted.when, read)) {
		const binary = String(read(wanted.name));
		if (wanted.key) {
			putInto(filled, wanted.key, await upload(context, item, binary, `${key}:file`));
		} else {
			// The file is the request; what goes along with it stands in the query.
			const file = uploadOf(context, item, binary);
			ask.query = { ...file.query, ...(filled.body as IDataObject), ...ask.query };
			for (const [name, value] of Object.entries(ask.query)) {
				if (Array.isArray(value)) ask.query[name] = value.join(',');
			}
			ask.headers = { ...ask.headers, ...file.headers };
			ask.stream = file.stream;
			ask.patience = UPLOAD_PATIENCE;
			ask.body = undefined;
			return;
		}
	}
	ask.body = filled.body;
}

async function entries(
	context: IExecuteFunctions,
	answer: Answer,
	read: Read,
	action?: Action,
): Promise<INodeExecutionData[]> {
	const body = parse(answer);
	const isFile = body === undefined && answer.bytes.length > 0;
	if (isFile) {
		const binary = await received(context, answer);
		const { fileName, mimeType, fileSize } = binary;
		const name = String(read('binaryPropertyName') || 'data');
		return [{ json: { fileName, mimeType, fileSize }, binary: { [name]: binary } }];
	}
	return (Array.isArray(body) ? body : [body]).map((entry) => ({
		json: shown(entry, read, action),
	}));
}

/** What an entry shows; an answer without content is one that went well. */
function shown(entry: GenericValue, read: Read, action?: Action): IDataObject {
	if (entry === undefined || entry === null) return { success: true };
	if (typeof entry !== 'object') return { value: entry };
	const simple = action?.simple && read('simplify') !== false;
	return simple ? simplify(entry as IDataObject, action.simple ?? []) : (entry as IDataObject);
}

/** As many entries as are wanted, page after page. */
async function pages(
	context: IExecuteFunctions,
	action: Action,
	ask: Ask,
	read: Read,
): Promise<INodeExecutionData[]> {
	const wanted = read('returnAll') ? Infinity : Number(read('limit') ?? 50);
	const size = Math.min(wanted, action.pageSize ?? LARGEST_PAGE);
	const made: INodeExecutionData[] = [];
	for (let page = 0; made.length < wanted; page++) {
		const position = action.skips ? { skip: page * size } : { page };
		const place = action.pagesInBody ? 'body' : 'query';
		const part = { ...(ask[place] as IDataObject), size, ...position };
		const answer = await request(context, { ...ask, [place]: part });
		const got = await entries(context, answer, read, action);
		made.push(...got.slice(0, wanted - made.length));
		if (got.length < size) break;
	}
	return made;
}
