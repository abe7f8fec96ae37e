import {
	tryToParseDateTime,
	type GenericValue,
	type IDataObject,
	type IExecuteFunctions,
} from 'n8n-workflow';

import type { Action, Condition, Field } from './action';

/** What is put together from the form for one item. */
export interface Filled {
	path: string;
	query: IDataObject;
	body: GenericValue | IDataObject | GenericValue[];
}

/** Reads a parameter of the form by its name. */
export type Read = (name: string) => GenericValue;

type Row = Record<string, GenericValue>;

/** A parameter of one item; undefined when the form doesn't show it. */
export function reader(context: IExecuteFunctions, item: number): Read {
	const known = new Map<string, GenericValue>();
	return (name) => {
		if (!known.has(name)) {
			const value = context.getNodeParameter(name, item, null) as GenericValue;
			known.set(name, value === null ? undefined : value);
		}
		return known.get(name);
	};
}

/** What was picked in a resource locator, other values as they are. */
function plain(value: GenericValue): GenericValue {
	if (value !== null && typeof value === 'object' && '__rl' in value) {
		return (value as unknown as { value: GenericValue }).value;
	}
	return value;
}

export function holds(conditions: Condition[] | undefined, read: Read): boolean {
	return (conditions ?? []).every(({ name, is }) =>
		is.includes(inside(name, read) as string | boolean),
	);
}

/** `filters.search` is `search` in the collection `filters`. */
function inside(name: string, read: Read): GenericValue {
	const [outer, inner] = name.split('.');
	const value = read(outer);
	return plain(inner === undefined ? value : (value as Row | undefined)?.[inner]);
}

function list(value: GenericValue): GenericValue[] {
	if (Array.isArray(value)) return (value as GenericValue[]).map(plain);
	return String(value)
		.split(/[,\n]/)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

/** The entries of a fixed collection; an expression may give an array of them as well. */
function entries(value: GenericValue): Row[] {
	if (Array.isArray(value)) return value as Row[];
	const inner = Object.values((value ?? {}) as Row)[0] as GenericValue | Row[] | undefined;
	if (inner === undefined || inner === null) return [];
	return Array.isArray(inner) ? (inner as Row[]) : [inner as Row];
}

function isEmpty(value: GenericValue): boolean {
	return value === undefined || value === null || value === '';
}

/** Puts a value at a dotted place; a number in it makes an array. */
function put(target: IDataObject | GenericValue[], key: string, value: GenericValue): void {
	const steps = key.split('.');
	let at = target as Record<string, GenericValue>;
	steps.forEach((step, index) => {
		if (index === steps.length - 1) at[step] = value;
		else {
			at[step] ??= /^\d+$/.test(steps[index + 1]) ? [] : {};
			at = at[step] as Record<string, GenericValue>;
		}
	});
}

/** A point in time in UTC; one without a time zone is meant in the workflow's. What is none, the API names. */
function date(value: GenericValue, timezone: string): GenericValue {
	try {
		return tryToParseDateTime(value, timezone).toUTC().toISO();
	} catch {
		return value;
	}
}

function valueOf(field: Field, value: GenericValue, timezone: string): GenericValue {
	if (field.values) return field.values[String(value)] ?? undefined;
	switch (field.as) {
		case 'date':
			return date(value, timezone);
		case 'list':
			return list(value) as unknown as GenericValue;
		case 'numbers':
			return list(value).map(Number) as unknown as GenericValue;
		case 'pairs':
			return Object.fromEntries(
				entries(value).map((entry) => [String(entry.key ?? ''), entry.value ?? '']),
			);
		case 'rows':
			return entries(value).map((entry) => row(field, entry, timezone)) as unknown as GenericValue;
		default:
			return value;
	}
}

function row(field: Field, entry: Row, timezone: string): GenericValue {
	const made: IDataObject = {};
	const read: Read = (name) => entry[name];
	for (const part of field.row ?? []) {
		const value = plain(entry[part.name]);
		if (!holds(part.when, read)) continue;
		if (isEmpty(value) && !part.required) continue;
		put(made, part.key, valueOf(part, value, timezone));
	}
	return field.bare ? Object.values(made)[0] : (made as unknown as GenericValue);
}

/** The request that an action makes of the form; times without a zone are in the one given. */
export function fill(action: Action, read: Read, timezone: string): Filled {
	const query: IDataObject = {};
	let body: Filled['body'];
	let path = action.path;

	const send = (to: Field['to'], key: string, value: GenericValue) => {
		if (to === 'path') path = path.replace(`{${key}}`, encodeURIComponent(String(value ?? '')));
		else if (to === 'query')
			query[key] = Array.isArray(value) ? value.join(',') : (value as GenericValue);
		else if (key === '') body = value;
		else {
			body ??= {};
			put(body as IDataObject, key, value);
		}
	};

	for (const field of action.fields) {
		if (field.as === 'image' || !holds(field.when, read)) continue;
		const value = inside(field.name, read);
		// What was added to a collection is meant, even when it is empty; a field that always shows is not.
		const added = field.name.includes('.') && field.to === 'body';
		if (value === undefined || value === null) continue;
		if (value === '' && ((!field.required && !added) || field.as === 'date')) continue;
		const made = valueOf(field, value, timezone);
		if (made === undefined) continue;
		if (field.to === 'query' && Array.isArray(made) && made.length === 0) continue;
		if (field.as === 'rows' && Array.isArray(made) && made.length === 0 && !field.required)
			continue;
		if (
			field.as === 'list' &&
			Array.isArray(made) &&
			made.length === 0 &&
			!field.required &&
			!added
		)
			continue;
		const key = field.at === undefined ? field.key : `${field.key}.${field.at}`;
		send(field.to, key, made);
	}
	for (const { to, key, value, when } of action.constants ?? []) {
		if (holds(when, read)) send(to, key, value);
	}
	return { path, query, body };
}

/** Puts a value into a body that was made before. */
export function putInto(filled: Filled, key: string, value: GenericValue): void {
	filled.body ??= {};
	put(filled.body as IDataObject, key, value);
}
