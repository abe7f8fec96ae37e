import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { parse, refusal, request, type Answer, type Ask } from './request';

/** How long a file is kept that was uploaded only to be sent. */
const KEPT_FOR_SENDING = '1d';

/** Seconds that an upload may take. */
export const UPLOAD_PATIENCE = 600;

interface UploadedFile {
	id: string;
}

/** The bytes of a binary field as the body of an upload, streamed where n8n keeps them outside of memory. */
export function uploadOf(
	context: IExecuteFunctions,
	item: number,
	field: string,
): Pick<Ask, 'stream' | 'headers' | 'query'> {
	const binary = context.helpers.assertBinaryData(item, field);
	return {
		query: { filename: binary.fileName ?? nameFor(binary) },
		headers: { 'Content-Type': binary.mimeType || 'application/octet-stream' },
		stream: async () =>
			binary.id
				? await context.helpers.getBinaryStream(binary.id)
				: await context.helpers.getBinaryDataBuffer(item, field),
	};
}

function nameFor(binary: IBinaryData): string {
	return binary.fileExtension ? `file.${binary.fileExtension}` : 'file';
}

/** Uploads a binary field so that it can be sent, and tells its id; bytes that are there already are taken. */
export async function upload(
	context: IExecuteFunctions,
	item: number,
	field: string,
	idempotencyKey: string,
): Promise<string> {
	const { query, headers, stream } = uploadOf(context, item, field);
	const answer = await request(context, {
		method: 'POST',
		path: '/v1/files',
		query: { ...query, expiration: KEPT_FOR_SENDING },
		headers: { ...headers, 'Idempotency-Key': idempotencyKey },
		stream,
		accept: 409,
		patience: UPLOAD_PATIENCE,
		item,
	});
	const body = parse(answer) as UploadedFile[] & { meta?: { file?: string } };
	const id = answer.status === 409 ? body.meta?.file : body[0].id;
	if (!id) throw refusal(context, answer, item);
	return id;
}

/** A binary field as data URI. */
export async function dataUri(
	context: IExecuteFunctions,
	item: number,
	field: string,
): Promise<string> {
	const { mimeType } = context.helpers.assertBinaryData(item, field);
	const bytes = await context.helpers.getBinaryDataBuffer(item, field);
	return `data:${mimeType};base64,${bytes.toString('base64')}`;
}

/** A file that was answered, with its name, and its type without parameters (`audio/ogg; codecs=opus`). */
export async function received(context: IExecuteFunctions, answer: Answer): Promise<IBinaryData> {
	const type = (answer.headers['content-type'] ?? 'application/octet-stream').split(';')[0].trim();
	return await context.helpers.prepareBinaryData(answer.bytes, fileName(answer, type), type);
}

function fileName(answer: Answer, type: string): string {
	const disposition = answer.headers['content-disposition'] ?? '';
	const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
	if (encoded) return decodeURIComponent(encoded[1]);
	const quoted = /filename="?([^";]+)"?/i.exec(disposition);
	if (quoted) return quoted[1];
	return `file.${type.split('/')[1].split('+')[0].replace('jpeg', 'jpg')}`;
}
