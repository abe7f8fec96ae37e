// The parameters of the form that stand for leaves of a request.

import { PICKERS, PLACEHOLDERS } from './words.mjs';
import {
	camelOf,
	described,
	isDuration,
	labelOf,
	limitsOf,
	optionName,
	titleOf,
	whetherOf,
} from './texts.mjs';

/** From this many on, n8n wants options in alphabetical order. */
const SORTED_FROM = 5;

const DYNAMIC_SEVERAL =
	'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>';

const lastOf = (key) => key.split('.').pop();

/** Lists of options in an order of their own stand in a file of their own, under a name. */
export class Choices {
	#named = new Map();

	reference(key, options) {
		const json = JSON.stringify(options);
		const base = `${camelOf(key)}Options`;
		let name = base;
		for (let number = 2; this.#named.has(name) && this.#named.get(name) !== json; number++) {
			name = base + number;
		}
		this.#named.set(name, json);
		return `@@${name}@@`;
	}

	/** Options that are used under a name of their own, in alphabetical order. */
	name(name, options) {
		this.#named.set(name, JSON.stringify(options.sort(alphabetical('name'))));
	}

	get all() {
		return [...this.#named].map(([name, json]) => [name, JSON.parse(json)]);
	}
}

const alphabetical = (by) => (a, b) => a[by].localeCompare(b[by]);

function optionsOf(leaf, said, choices) {
	const made = leaf.options.map((value) => ({
		name: said.options?.[value]?.name ?? said.options?.[value] ?? optionName(value),
		value,
		...(said.options?.[value]?.description ? { description: said.options[value].description } : {}),
	}));
	if (leaf.options.some((value) => isDuration(value) || typeof value === 'number')) {
		return choices.reference(lastOf(leaf.key), made);
	}
	return made.length < SORTED_FROM ? made : made.sort(alphabetical('name'));
}

function locator(picker) {
	const list = picker.list[0].toUpperCase() + picker.list.slice(1);
	return {
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: `search${list}`, searchable: true },
			},
			{ displayName: picker.by, name: 'id', type: 'string', placeholder: picker.placeholder },
		],
	};
}

/** `said` is what the overlay says of this leaf; `fail` ends the generator. */
export function propertyOf(id, leaf, said, choices, fail) {
	const key = leaf.key === '' ? said.name : leaf.key;
	if (!key) fail(`the body of ${id} is a list; say in fields[''] how it is called`);
	const name = said.name ?? camelOf(key);
	const picker = said.picker === null ? undefined : (said.picker ?? PICKERS[lastOf(key)]);
	const label = said.label ?? labelOf(key);
	const base = { displayName: label, name };
	const placeholder = said.placeholder ?? PLACEHOLDERS[lastOf(key)];
	const text = (...more) => {
		const made = described(said.description ?? leaf.description, ...more, limitsOf(leaf));
		return made && made.toLowerCase() !== label.toLowerCase() ? { description: made } : {};
	};
	const field = { name, to: leaf.to, key: leaf.key };
	if (leaf.required || said.required) field.required = true;

	switch (leaf.kind) {
		case 'string': {
			if (said.options) {
				const made = Object.entries(said.options).map(([value, option]) => ({
					name: option.name ?? option,
					value,
				}));
				if (said.values) field.values = said.values;
				return {
					property: {
						...base,
						type: 'options',
						options: made,
						default: said.default ?? made[0].value,
						...text(),
					},
					field,
				};
			}
			if (picker) return { property: { ...base, ...locator(picker), ...text() }, field };
			const property = { ...base, type: 'string', default: said.default ?? '' };
			if (/(^|\.)(message|description)$/.test(key)) property.typeOptions = { rows: 4 };
			if (/password|secret/i.test(lastOf(key))) property.typeOptions = { password: true };
			if (placeholder) property.placeholder = placeholder;
			return { property: { ...property, ...text() }, field };
		}
		case 'date':
			return {
				property: { ...base, type: 'dateTime', default: '', ...text() },
				field: { ...field, as: 'date' },
			};
		case 'number': {
			const limits = {};
			if (leaf.minimum !== undefined) limits.minValue = leaf.minimum;
			if (leaf.maximum !== undefined) limits.maxValue = leaf.maximum;
			const property = { ...base, type: 'number' };
			if (Object.keys(limits).length) property.typeOptions = limits;
			property.default = said.default ?? leaf.default ?? Math.max(0, leaf.minimum ?? 0);
			return { property: { ...property, ...text() }, field };
		}
		case 'boolean': {
			if (said.options) {
				const made = Object.entries(said.options).map(([value, option]) => ({
					name: option,
					value,
				}));
				return {
					property: {
						...base,
						type: 'options',
						options: made,
						default: said.default ?? made[0].value,
						...text(),
					},
					field: { ...field, values: said.values },
				};
			}
			const whether = said.description ?? whetherOf(id, leaf);
			if (!whether?.startsWith('Whether')) {
				fail(
					`the switch '${leaf.key}' of ${id} needs a text that begins with Whether: ${leaf.description}`,
				);
			}
			return {
				property: {
					...base,
					type: 'boolean',
					default: said.default ?? leaf.default ?? false,
					description: described(whether),
				},
				field,
			};
		}
		case 'enum': {
			const options = optionsOf(leaf, said, choices);
			const first = leaf.options.find((value) => value !== '') ?? leaf.options[0];
			return {
				property: {
					...base,
					type: 'options',
					options,
					default: said.default ?? leaf.default ?? first,
					...text(),
				},
				field,
			};
		}
		case 'enums':
			return {
				property: {
					...base,
					type: 'multiOptions',
					options: optionsOf(leaf, said, choices),
					default: said.default ?? [],
					...text(),
				},
				field: { ...field, as: 'list' },
			};
		case 'list': {
			field.as = leaf.numbers ? 'numbers' : 'list';
			if (picker) {
				const list = picker.list[0].toUpperCase() + picker.list.slice(1);
				return {
					property: {
						...base,
						displayName: label.endsWith('Names or IDs')
							? label
							: `${label.replace(/s$/, '')} Names or IDs`,
						type: 'multiOptions',
						typeOptions: { loadOptionsMethod: `get${list}` },
						default: [],
						description: DYNAMIC_SEVERAL,
					},
					field,
				};
			}
			const property = { ...base, type: 'string', default: '' };
			if (placeholder) property.placeholder = placeholder;
			return { property: { ...property, ...text('Several are separated by commas') }, field };
		}
		case 'rows': {
			const made = rowOf(id, leaf, said, choices, fail);
			return {
				property: {
					...base,
					type: 'fixedCollection',
					typeOptions: { multipleValues: true },
					placeholder: `Add ${said.one ?? titleOf(lastOf(key)).replace(/s$/, '')}`,
					default: {},
					options: [{ displayName: said.one ?? label, name: 'values', values: made.properties }],
					...text(),
				},
				field: { ...field, as: 'rows', row: made.fields },
			};
		}
		case 'map':
			return {
				property: {
					...base,
					type: 'fixedCollection',
					typeOptions: { multipleValues: true },
					placeholder: `Add ${titleOf(lastOf(key)).replace(/s$/, '')}`,
					default: {},
					options: [
						{
							displayName: label,
							name: 'values',
							values: [
								{
									displayName: 'Name',
									name: 'key',
									type: 'string',
									default: '',
									placeholder: 'e.g. X-Source',
								},
								{
									displayName: 'Value',
									name: 'value',
									type: 'string',
									default: '',
									placeholder: 'e.g. n8n',
								},
							],
						},
					],
					...text(),
				},
				field: { ...field, as: 'pairs' },
			};
		default:
			return fail(`'${leaf.key}' of ${id} is of a kind the form doesn't know: ${leaf.kind}`);
	}
}

/** The parameters of one row. */
function rowOf(id, leaf, said, choices, fail) {
	const made = { properties: [], fields: [] };
	const chosen = said.choice;
	if (chosen) made.properties.push(choiceProperty(chosen));
	for (const part of leaf.row) {
		const words = said.row?.[part.key] ?? {};
		if (words.omit) continue;
		const { property, field } = propertyOf(id, part, words, choices, fail);
		const shownBy =
			chosen && Object.entries(chosen.options).filter(([, { shows }]) => shows.includes(part.key));
		const when = shownBy?.length
			? { name: chosen.name, is: shownBy.map(([value]) => value) }
			: words.when;
		if (when) {
			property.displayOptions = { show: { [when.name]: when.is } };
			field.when = [when];
		}
		if (part.required) property.required = true;
		delete field.to;
		made.properties.push(property);
		made.fields.push({ ...field, to: 'body' });
	}
	if (made.properties.length >= SORTED_FROM) made.properties.sort(alphabetical('displayName'));
	return made;
}

export function choiceProperty(choice) {
	const options = Object.entries(choice.options).map(([value, option]) => ({
		name: option.name,
		value,
		...(option.description ? { description: option.description } : {}),
	}));
	return {
		displayName: choice.label,
		name: choice.name,
		type: 'options',
		options: options.length < SORTED_FROM ? options : options.sort(alphabetical('name')),
		default: choice.default ?? options[0].value,
		...(choice.description ? { description: described(choice.description) } : {}),
	};
}
