import {
	NodeApiError,
	NodeOperationError,
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IHookFunctions,
	type IHttpRequestMethods,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type IN8nHttpFullResponse,
	type JsonObject,
} from 'n8n-workflow';

/** How often a 429 is waited for, and for how long at most, in seconds. */
const TRIES = 5;
const LONGEST_WAIT = 60;

/** Seconds that an answer may take, where the action names no other. */
const PATIENCE = 60;

export interface Ask {
	method: IHttpRequestMethods;
	path: string;
	query?: IDataObject;
	body?: unknown;
	/** Makes the body anew for each try, where it can be read only once. */
	stream?: () => Promise<unknown>;
	headers?: Record<string, string>;
	patience?: number;
	/** A status that is an answer, though it is 400 or more. */
	accept?: number;
	/** For the error: which item was sent. */
	item?: number;
}

export interface Answer {
	status: number;
	headers: Record<string, string>;
	bytes: Buffer;
}

interface ApiError {
	message?: string;
	hint?: string;
	errorCode?: string;
	meta?: IDataObject;
}

type Context = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions;

const bases = new WeakMap<Context, string>();

/** The address of the server. Read once for an execution: n8n asks its database each time. */
async function baseOf(context: Context): Promise<string> {
	let base = bases.get(context);
	if (base === undefined) {
		const { baseUrl } = await context.getCredentials<{ baseUrl: string }>('sparkBotApi');
		base = baseUrl.replace(/\/+$/, '');
		bases.set(context, base);
	}
	return base;
}

/**
 * One request. What the API refuses becomes an error with the API's sentence as headline and its hint below;
 * a 429 is waited for as long as the API says.
 */
export async function request(context: Context, ask: Ask): Promise<Answer> {
	const base = await baseOf(context);
	const options: IHttpRequestOptions = {
		method: ask.method,
		url: base + ask.path,
		qs: ask.query,
		headers: { Accept: '*/*', ...ask.headers },
		encoding: 'arraybuffer',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		timeout: (ask.patience ?? PATIENCE) * 1000,
	};
	for (let tries = 1; ; tries++) {
		const response = await send(context, { ...ask, base }, options);
		const answer: Answer = {
			status: response.statusCode,
			headers: response.headers as Record<string, string>,
			bytes: Buffer.from(response.body as unknown as ArrayBuffer),
		};
		if (answer.status < 400 || answer.status === ask.accept) return answer;
		const seconds = Number(answer.headers['retry-after'] ?? 1);
		if (answer.status !== 429 || tries >= TRIES || seconds > LONGEST_WAIT) {
			throw refusal(context, answer, ask.item);
		}
		await sleep(Math.max(seconds, 0.1) * 1000);
	}
}

async function send(
	context: Context,
	ask: Ask & { base: string },
	options: IHttpRequestOptions,
): Promise<IN8nHttpFullResponse> {
	const body = (ask.stream ? await ask.stream() : ask.body) as IHttpRequestOptions['body'];
	const headers = { ...options.headers };
	const isJson = body !== undefined && headers['Content-Type'] === undefined;
	if (isJson) headers['Content-Type'] = 'application/json';
	try {
		return (await context.helpers.httpRequestWithAuthentication.call(context, 'sparkBotApi', {
			...options,
			headers,
			body: isJson ? JSON.stringify(body) : body,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		const { cause, code, message } = error as Error & { code?: string; cause?: { code?: string } };
		// As a NodeApiError it would get n8n's own headline, which does not say which service is meant.
		throw new NodeOperationError(context.getNode(), `SparkBot does not answer at ${ask.base}`, {
			description: `Check the base URL of the credential, and whether the server runs and n8n may reach it (${cause?.code ?? code ?? message}).`,
			itemIndex: ask.item,
		});
	}
}

/** What the API refuses, as n8n shows it. */
export function refusal(context: Context, answer: Answer, item?: number): NodeApiError {
	const body = (parse(answer) ?? {}) as ApiError;
	const error = new NodeApiError(context.getNode(), body as JsonObject, {
		message: body.message ?? `SparkBot answered with the status ${answer.status}`,
		description: body.hint ?? '',
		httpCode: String(answer.status),
		itemIndex: item,
	});
	error.context.errorCode = body.errorCode;
	error.context.meta = body.meta;
	return error;
}

/** The JSON of an answer; undefined where it is none. */
export function parse(answer: Answer): unknown {
	if (!(answer.headers['content-type'] ?? '').includes('json')) return undefined;
	return answer.bytes.length === 0 ? undefined : JSON.parse(answer.bytes.toString('utf8'));
}

export async function requestJson<T>(context: Context, ask: Ask): Promise<T> {
	return parse(await request(context, ask)) as T;
}
