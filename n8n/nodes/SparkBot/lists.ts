import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
	INodePropertyOptions,
} from 'n8n-workflow';

import { requestJson } from './request';

/** How many entries a list shows at a time. */
const PAGE = 100;

/** A list that something is picked from. */
interface List {
	/** `{device}` is the number that is picked on the form. */
	path: string;
	/** What tells the server to search; without it the whole list is read and searched here. */
	search?: string;
	/** The list comes whole, without pages. */
	whole?: boolean;
	entry: (found: IDataObject) => { name: unknown; value: unknown; more?: unknown };
}

const LISTS = {
	numbers: {
		path: '/v1/devices',
		search: 'search',
		entry: ({ id, alias, phone }) => ({ name: alias, value: id, more: phone ?? 'not linked' }),
	},
	groups: {
		path: '/v1/devices/{device}/groups',
		entry: ({ id, name }) => ({ name, value: id }),
	},
	channels: {
		path: '/v1/devices/{device}/channels',
		entry: ({ id, name }) => ({ name, value: id }),
	},
	chats: {
		path: '/v1/chat/{device}/chats',
		search: 'search',
		entry: ({ id, name }) => ({ name: name ?? id, value: id, more: name ? id : undefined }),
	},
	contacts: {
		path: '/v1/chat/{device}/contacts',
		search: 'search',
		entry: ({ wid, name, displayName, phone }) => ({
			name: displayName ?? name ?? phone ?? wid,
			value: wid,
			more: phone,
		}),
	},
	agents: {
		path: '/v1/team',
		search: 'search',
		entry: ({ id, displayName, email }) => ({ name: displayName, value: id, more: email }),
	},
	departments: {
		path: '/v1/devices/{device}/departments',
		whole: true,
		entry: ({ id, name }) => ({ name, value: id }),
	},
	labels: {
		path: '/v1/devices/{device}/labels',
		whole: true,
		entry: ({ name }) => ({ name, value: name }),
	},
	files: {
		path: '/v1/files',
		search: 'search',
		entry: ({ id, filename, mime }) => ({ name: filename, value: id, more: mime }),
	},
	webhooks: {
		path: '/v1/webhooks',
		search: 'search',
		entry: ({ id, name, url }) => ({ name, value: id, more: url }),
	},
	campaigns: {
		path: '/v1/campaigns',
		entry: ({ id, name }) => ({ name: name ?? id, value: id }),
	},
} satisfies Record<string, List>;

/** The number that is picked on the form; empty while none is. */
function pickedNumber(context: ILoadOptionsFunctions): string {
	const picked = context.getCurrentNodeParameter('device') as
		| { value?: string }
		| string
		| undefined;
	return String((typeof picked === 'object' ? picked?.value : picked) ?? '');
}

async function read(
	context: ILoadOptionsFunctions,
	list: List,
	page: number,
	search: string,
): Promise<IDataObject[]> {
	const query: IDataObject = list.whole ? {} : { size: PAGE, page };
	if (list.search && search) query[list.search] = search;
	return await requestJson<IDataObject[]>(context, {
		method: 'GET',
		path: list.path.replace('{device}', encodeURIComponent(pickedNumber(context))),
		query,
	});
}

function shown(list: List, found: IDataObject): INodeListSearchItems {
	const { name, value, more } = list.entry(found);
	return { name: more ? `${String(name)} (${String(more)})` : String(name), value: String(value) };
}

async function search(
	context: ILoadOptionsFunctions,
	list: List,
	filter = '',
	token = '0',
): Promise<INodeListSearchResult> {
	if (list.path.includes('{device}') && pickedNumber(context) === '') return { results: [] };
	const page = Number(token);
	const found = await read(context, list, page, filter);
	let results = found.map((entry) => shown(list, entry));
	if (!list.search && filter) {
		const wanted = filter.toLowerCase();
		results = results.filter(({ name, value }) =>
			`${name} ${value}`.toLowerCase().includes(wanted),
		);
	}
	const hasMore = !list.whole && found.length === PAGE;
	return { results, paginationToken: hasMore ? String(page + 1) : undefined };
}

/** Every entry, for parameters that take several. */
async function all(context: ILoadOptionsFunctions, list: List): Promise<INodePropertyOptions[]> {
	const made: INodePropertyOptions[] = [];
	let token: string | undefined = '0';
	while (token !== undefined) {
		const result: INodeListSearchResult = await search(context, list, '', token);
		made.push(...result.results.map(({ name, value }) => ({ name, value })));
		token = result.paginationToken as string | undefined;
	}
	return made;
}

type Search = (
	this: ILoadOptionsFunctions,
	filter?: string,
	token?: string,
) => Promise<INodeListSearchResult>;

type Options = (this: ILoadOptionsFunctions) => Promise<INodePropertyOptions[]>;

const capitalised = (name: string) => name[0].toUpperCase() + name.slice(1);

/** `searchNumbers` and so on, one for each list. */
export const listSearch: Record<string, Search> = Object.fromEntries(
	Object.entries(LISTS).map(([name, list]): [string, Search] => [
		`search${capitalised(name)}`,
		async function (filter, token) {
			return await search(this, list, filter, token);
		},
	]),
);

/** `getLabels` and so on, for parameters that take several. */
export const loadOptions: Record<string, Options> = Object.fromEntries(
	Object.entries(LISTS).map(([name, list]): [string, Options] => [
		`get${capitalised(name)}`,
		async function () {
			return await all(this, list);
		},
	]),
);
