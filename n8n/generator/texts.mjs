// Turns the API's sentences, keys and values into the texts of the form.

import { LABELS, OPTIONS, WHETHER } from './words.mjs';

const SMALL = new Set([
	'a',
	'an',
	'and',
	'as',
	'at',
	'by',
	'for',
	'in',
	'of',
	'on',
	'or',
	'the',
	'to',
	'with',
]);
const CAPITALS = {
	id: 'ID',
	ids: 'IDs',
	url: 'URL',
	qr: 'QR',
	crm: 'CRM',
	api: 'API',
	ai: 'AI',
	gif: 'GIF',
	whatsapp: 'WhatsApp',
};

const wordsOf = (text) =>
	text
		.replace(/([a-z0-9])([A-Z])/g, '$1 $2')
		.split(/[\s_.:-]+/)
		.filter((word) => word !== '');

/** `lastMessageAt` as `Last Message At`. */
export function titleOf(text) {
	return wordsOf(text)
		.map((word, index, all) => {
			const low = word.toLowerCase();
			if (CAPITALS[low]) return CAPITALS[low];
			if (index > 0 && index < all.length - 1 && SMALL.has(low)) return low;
			return low[0].toUpperCase() + low.slice(1);
		})
		.join(' ');
}

/** `Get Group Participants` as `Get group participants`. */
export function sentenceOf(title) {
	const keep = new Set([...Object.values(CAPITALS)]);
	return title
		.split(' ')
		.map((word, index) => (index === 0 || keep.has(word) ? word : word.toLowerCase()))
		.join(' ');
}

export const camelOf = (text) =>
	wordsOf(text)
		.map((word) => (word === word.toUpperCase() ? word.toLowerCase() : word))
		.map(
			(word, index) =>
				(index === 0 ? word[0].toLowerCase() : word[0].toUpperCase()) + word.slice(1),
		)
		.join('');

const lastOf = (key) => key.split('.').pop();

export const labelOf = (key) => LABELS[key] ?? LABELS[lastOf(key)] ?? titleOf(lastOf(key));

const UNITS = { m: 'Minute', h: 'Hour', d: 'Day', w: 'Week', y: 'Year' };

export const isDuration = (value) => /^\d+[mhdwy]$/.test(value);

/** An option's name; `1h` is `1 Hour`. */
export function optionName(value) {
	const text = String(value);
	if (OPTIONS[text] !== undefined) return OPTIONS[text];
	const duration = /^(\d+)([mhdwy])$/.exec(text);
	if (duration) return `${duration[1]} ${UNITS[duration[2]]}${duration[1] === '1' ? '' : 's'}`;
	if (/^[\d.]+$/.test(text) || text.includes('/')) return text;
	return titleOf(text);
}

const count = (number) => number.toLocaleString('en-US');

/** What the form can't enforce by itself, as a sentence; empty where there is nothing. */
export function limitsOf(leaf) {
	const range = (from, to, what) => {
		if (to === undefined) return from > 1 ? `At least ${count(from)} ${what}.` : '';
		if (from > 1) return `${count(from)} to ${count(to)} ${what}.`;
		return `At most ${count(to)} ${what}.`;
	};
	if (leaf.kind === 'string') return range(leaf.minLength ?? 0, leaf.maxLength, 'characters');
	if (leaf.kind === 'list' || leaf.kind === 'rows') {
		return range(leaf.minItems ?? 0, leaf.maxItems, 'entries');
	}
	return '';
}

/** A description as n8n wants it: IDs in capitals, code marked, a final period only after several sentences. */
export function described(...sentences) {
	const text = sentences
		.map((sentence) => sentence.trim())
		.filter((sentence) => sentence !== '')
		.map((sentence) => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`))
		.join(' ')
		.replace(/\s+/g, ' ')
		.replace(/&(?![a-z]+;)/g, '&amp;')
		.replace(/<(?!\/?(code|a)\b)/g, '&lt;')
		.replace(/(?<!<[^<]*)>/g, '&gt;')
		.replace(/`([^`]+)`/g, '<code>$1</code>')
		.replace(/\b[Ii]d(s?)\b/g, 'ID$1')
		.replace(/\bjson\b/g, 'JSON')
		.replace(/\burl(s?)\b/gi, 'URL$1');
	const several = /[.!?] (?=[A-Z0-9<])/.test(text.slice(0, -1));
	return several ? text : text.replace(/\.$/, '');
}

/** What a switch does, beginning with Whether; undefined where nobody has said it. */
export function whetherOf(id, leaf) {
	const written =
		WHETHER[`${id}:${leaf.key}`] ?? (leaf.to === 'query' ? undefined : WHETHER[leaf.key]);
	if (written) return written;
	if (/^Only /.test(leaf.description)) {
		return `Whether to return only ${leaf.description.slice(5)}`;
	}
	return WHETHER[lastOf(leaf.key)];
}
