import { createHmac, timingSafeEqual } from 'crypto';

/** Seconds by which the clocks of SparkBot and n8n may differ. */
const TOLERANCE = 300;

/** Whether a body comes from the webhook with this secret, and was sent just now. */
export function isSigned(
	body: Buffer | undefined,
	headers: Record<string, unknown>,
	secret: string | undefined,
): boolean {
	const timestamp = String(headers['x-sparkbot-timestamp'] ?? '');
	const given = String(headers['x-sparkbot-signature'] ?? '');
	if (!secret || !body || !/^\d+$/.test(timestamp)) return false;
	if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) return false;
	const made = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
	const expected = Buffer.from(`sha256=${made}`);
	const found = Buffer.from(given);
	return expected.length === found.length && timingSafeEqual(expected, found);
}
