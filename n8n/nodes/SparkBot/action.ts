import type { IHttpRequestMethods } from 'n8n-workflow';

/** Shows a field only while another parameter of the form has one of these values. */
export interface Condition {
	name: string;
	is: Array<string | boolean>;
}

/** Which parameter of the form becomes which part of a request. */
export interface Field {
	/** The parameter; `filters.search` is `search` in the collection `filters`. */
	name: string;
	to: 'path' | 'query' | 'body';
	/** Where it goes: a name, or a dotted place in the body; empty for the whole body. */
	key: string;
	/** Its place in the list that goes there. */
	at?: number;
	/**
	 * How its value is read: `list` is a text with commas (or an array) that becomes an array, `numbers` one of
	 * numbers, `rows` are the entries of a fixed collection, `pairs` become an object, `date` a point in time,
	 * `image` is a binary field that becomes a data URI.
	 */
	as?: 'list' | 'numbers' | 'rows' | 'pairs' | 'date' | 'image';
	/** What stands in a row. */
	row?: Field[];
	/** Each row is this field's value alone, not an object. */
	bare?: boolean;
	/** Sent also when it is empty. */
	required?: boolean;
	/** All have to hold. */
	when?: Condition[];
	/** What is sent for an option, where that differs from the option itself. */
	values?: Record<string, string | number | boolean | null>;
}

/** Sent whenever the conditions hold: what a choice on the form stands for. */
export interface Constant {
	to: 'query' | 'body';
	key: string;
	value: string | number | boolean;
	when: Condition[];
}

/** One action of the API, as the node sends it. */
export interface Action {
	/** The operation's id in openapi.json. */
	id: string;
	method: IHttpRequestMethods;
	path: string;
	fields: Field[];
	constants?: Constant[];
	/** The answer is a list; so many entries fit on a page. */
	pageSize?: number;
	/** Pages are counted in entries to skip instead of in pages. */
	skips?: boolean;
	/** Pages are asked for in the body instead of in the query. */
	pagesInBody?: boolean;
	/** The answer is a list without pages. */
	list?: boolean;
	/** The answer is a file, always or unless it is JSON. */
	file?: boolean;
	/** A repeated request under the same key makes nothing new. */
	idempotent?: boolean;
	/** The fields of the answer that Simplify keeps. */
	simple?: string[];
	/** A file of the item that is uploaded first: its id goes to `key`, or it is the whole request. */
	upload?: { name: string; key?: string; when?: Condition[] };
	/** Seconds that an answer may take. */
	patience?: number;
}

export type Actions = Record<string, Action>;
