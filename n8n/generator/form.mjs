// The form and the route of one action.

import { camelOf, described, sentenceOf, titleOf } from './texts.mjs';
import { choiceProperty, propertyOf } from './properties.mjs';
import { SIMPLE } from './simple.mjs';

/** In which part of the form a parameter stands. */
export const PLACE = { first: 0, main: 1, answer: 2, more: 3 };

const RETURN_ALL = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
	},
];

const SIMPLIFY = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

const OUTPUT_FIELD = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'The name of the output binary field to put the file in',
};

const INPUT_FIELD = {
	displayName: 'Input Binary Field',
	name: 'inputBinaryField',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'The name of the input binary field containing the file',
};

const COLLECTIONS = {
	filters: { displayName: 'Filters', placeholder: 'Add Filter' },
	updateFields: { displayName: 'Update Fields', placeholder: 'Add Field' },
	additionalFields: { displayName: 'Additional Fields', placeholder: 'Add Field' },
	options: { displayName: 'Options', placeholder: 'Add Option' },
};

const BOOLEANS = { true: true, false: false };

/** In which collection an optional leaf stands that is not shown by itself. */
function collectionOf(operation, leaf, said) {
	if (said.extra?.includes(leaf.key)) return 'additionalFields';
	if (leaf.to === 'query') {
		return operation.list && !['sort', 'include', 'sync'].includes(leaf.key)
			? 'filters'
			: 'options';
	}
	if (operation.method === 'PATCH' && !said.options) return 'updateFields';
	if (operation.method === 'POST' && !said.options) return 'additionalFields';
	return 'options';
}

const PAGING = ['size', 'page', 'skip'];

/** Where a list is asked for page after page; undefined where it comes whole. */
export function pagingOf({ list, leaves }) {
	const has = (to, ...keys) => leaves.some((leaf) => leaf.to === to && keys.includes(leaf.key));
	return ['query', 'body'].find((to) => list && has(to, 'size') && has(to, 'page', 'skip'));
}

export function actionOf(operation, said, resource, choices) {
	const fail = (why) => {
		throw new Error(`${resource.tag} / ${said.name ?? operation.summary}: ${why}`);
	};
	const name = said.name ?? titleOf(operation.summary);
	const value = said.value ?? camelOf(name);
	const show = { resource: [resource.value], operation: [value] };
	const form = [];
	const fields = [];
	const constants = [];
	const collections = new Map();
	const used = new Set();
	let upload;

	// Most pages are asked for in the query, some in the body.
	const pagesIn = pagingOf(operation);
	const paged = pagesIn !== undefined;
	const isPaging = (leaf) => paged && leaf.to === pagesIn && PAGING.includes(leaf.key);
	const leafOf = (key) =>
		operation.leaves.find((leaf) => leaf.key === key && leaf.to === 'body' && !isPaging(leaf)) ??
		operation.leaves.find((leaf) => leaf.key === key && leaf.to !== 'path' && !isPaging(leaf)) ??
		fail(`openapi.json has no '${key}' in ${operation.id}`);

	/** Puts a leaf on the form by itself; a list whose entries each mean something has a field for each. */
	function place(leaf, where, conditions = [], required = leaf.required) {
		used.add(leaf);
		const words = said.fields?.[leaf.to === 'path' ? `{${leaf.key}}` : leaf.key] ?? {};
		const { parts } = words;
		if (!parts) {
			put(leaf, words, where, conditions, required);
			return;
		}
		if (leaf.minItems !== parts.length || leaf.maxItems !== parts.length) {
			fail(`'${leaf.key}' of openapi.json has no ${parts.length} entries`);
		}
		parts.forEach(({ minimum, maximum, ...about }, index) => {
			const part = { to: leaf.to, key: leaf.key, kind: 'number', required, minimum, maximum };
			put(part, { ...about, default: 0 }, where, conditions, required).at = index;
		});
	}

	function put(leaf, words, where, conditions, required) {
		const { property, field } = propertyOf(
			operation.id,
			leaf,
			{ ...words, required: required || words.required },
			choices,
			fail,
		);
		if (required && !['boolean', 'fixedCollection'].includes(property.type))
			property.required = true;
		property.displayOptions = { show: { ...show, ...shows(conditions) } };
		if (conditions.length) field.when = conditions;
		form.push({ place: where, property });
		fields.push(field);
		return field;
	}

	const shows = (conditions) => Object.fromEntries(conditions.map((one) => [one.name, one.is]));

	function placeChoice(choice, outer = []) {
		const where = choice.first ? PLACE.first : PLACE.main;
		const property = choiceProperty(choice);
		property.displayOptions = { show: { ...show, ...shows(outer) } };
		form.push({ place: where, property });
		const shown = new Map();
		for (const [
			option,
			{ shows: keys = [], constants: sent = [], binary, choice: inner },
		] of Object.entries(choice.options)) {
			const conditions = [...outer, { name: choice.name, is: [option] }];
			for (const key of keys) shown.set(key, [...(shown.get(key) ?? []), option]);
			for (const one of sent) {
				const leaf = operation.leaves.find((other) => other.key === one.key && other.to === one.to);
				if (!leaf) fail(`openapi.json has no '${one.key}' to send for ${choice.name} ${option}`);
				used.add(leaf);
				constants.push({ ...one, when: conditions });
			}
			if (binary) {
				const input = {
					...INPUT_FIELD,
					displayOptions: { show: { ...show, ...shows(conditions) } },
				};
				form.push({ place: where, property: input });
				if (binary.image) {
					used.add(leafOf(binary.image));
					fields.push({
						name: INPUT_FIELD.name,
						to: 'body',
						key: binary.image,
						as: 'image',
						when: conditions,
					});
				} else upload = { name: INPUT_FIELD.name, ...binary, when: conditions };
				if (binary.key) used.add(leafOf(binary.key));
			}
			if (inner) placeChoice(inner, conditions);
		}
		for (const [raw, options] of shown) {
			const key = raw.replace(/\?$/, '');
			const leaf = leafOf(key);
			const conditions = [...outer, { name: choice.name, is: options }];
			place(leaf, where, conditions, !raw.endsWith('?'));
		}
	}

	for (const leaf of operation.leaves.filter((one) => one.to === 'path')) place(leaf, PLACE.first);
	for (const key of said.first ?? []) place(leafOf(key), PLACE.first);
	const choicesByName = new Map((said.choices ?? []).map((choice) => [choice.name, choice]));
	for (const choice of choicesByName.values()) if (choice.first) placeChoice(choice);

	const keys = (value) =>
		Object.values(value.options).flatMap((one) => [
			...(one.shows ?? []),
			...(one.constants ?? []).map((constant) => constant.key),
			...(one.binary ? [one.binary.image ?? one.binary.key] : []),
			...(one.choice ? keys(one.choice) : []),
		]);
	const byChoice = new Set(
		[...choicesByName.values()]
			.flatMap(keys)
			.filter(Boolean)
			.map((key) => key.replace(/\?$/, '')),
	);
	const omitted = new Set(Object.keys(said.omit ?? {}));
	const taken = (leaf) =>
		leaf.to !== 'body' || !said.takes || said.takes.includes(leaf.key) || byChoice.has(leaf.key);
	const isOmitted = (leaf) => omitted.has(leaf.to === 'query' ? `?${leaf.key}` : leaf.key);

	const required = operation.leaves.filter(
		(leaf) =>
			leaf.to !== 'path' &&
			!used.has(leaf) &&
			(leaf.required || said.required?.includes(leaf.key)) &&
			taken(leaf) &&
			!byChoice.has(leaf.key),
	);
	const main = said.main ?? [
		...required.map((leaf) => leaf.key),
		...[...choicesByName.values()].filter((one) => !one.first).map((one) => one.name),
	];
	for (const raw of main) {
		const key = raw.replace(/\?$/, '');
		const choice = choicesByName.get(key);
		if (choice) placeChoice(choice);
		else {
			const leaf = leafOf(key);
			place(
				leaf,
				PLACE.main,
				[],
				raw.endsWith('?') ? false : leaf.required || Boolean(said.required?.includes(key)),
			);
		}
	}
	for (const [control, cases] of Object.entries(said.dependent ?? {})) {
		for (const [option, keys] of Object.entries(cases)) {
			for (const key of keys)
				place(
					leafOf(key),
					PLACE.main,
					[
						{
							name: said.fields?.[control]?.name ?? camelOf(control),
							is: [BOOLEANS[option] ?? option],
						},
					],
					false,
				);
		}
	}
	for (const leaf of required) {
		if (!used.has(leaf)) fail(`'${leaf.key}' is required and stands nowhere on the form`);
	}

	for (const leaf of operation.leaves) {
		if (used.has(leaf) || isPaging(leaf) || isOmitted(leaf) || !taken(leaf)) continue;
		used.add(leaf);
		const collection = collectionOf(operation, leaf, said);
		const made = propertyOf(operation.id, leaf, said.fields?.[leaf.key] ?? {}, choices, fail);
		if (!collections.has(collection)) collections.set(collection, []);
		collections.get(collection).push(made.property);
		fields.push({ ...made.field, name: `${collection}.${made.field.name}`, required: undefined });
	}
	const list = paged && operation.leaves.find((leaf) => leaf.key === 'size');
	const route = {
		id: operation.id,
		method: operation.method,
		path: operation.path,
		fields,
		...(constants.length ? { constants } : {}),
	};
	if (paged) {
		route.pageSize = list.maximum;
		if (!operation.leaves.some((leaf) => leaf.key === 'page')) route.skips = true;
		if (pagesIn === 'body') route.pagesInBody = true;
		const [all, limit] = RETURN_ALL;
		form.push({ place: PLACE.answer, property: { ...all, displayOptions: { show } } });
		form.push({
			place: PLACE.answer,
			property: { ...limit, displayOptions: { show: { ...show, returnAll: [false] } } },
		});
	} else if (operation.list) route.list = true;
	if (operation.file) {
		route.file = true;
		form.push({
			place: PLACE.answer,
			property: {
				...OUTPUT_FIELD,
				displayOptions: { show: { ...show, ...(said.fileWhen ?? {}) } },
			},
		});
	}
	if (operation.idempotent) route.idempotent = true;
	if (upload) route.upload = upload;
	if (said.patience) route.patience = said.patience;
	if (SIMPLE[operation.shape]) {
		route.simple = SIMPLE[operation.shape];
		form.push({ place: PLACE.answer, property: { ...SIMPLIFY, displayOptions: { show } } });
	}
	for (const [collection, options] of collections) {
		options.sort((a, b) => a.displayName.localeCompare(b.displayName));
		form.push({
			place: PLACE.more,
			property: {
				...COLLECTIONS[collection],
				name: collection,
				type: 'collection',
				default: {},
				options,
				displayOptions: { show },
			},
		});
	}
	const option = {
		name,
		value,
		description: described(said.description ?? (firstSentence(operation.description) || name)),
		action: said.action ?? sentenceOf(name),
	};
	if (option.description.toLowerCase() === name.toLowerCase()) delete option.description;
	return { option, form, route, used };
}

const firstSentence = (text) => text.split(/\n\n|(?<=\.) /)[0].replace(/\s+/g, ' ');
