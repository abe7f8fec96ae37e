// Writes nodes/SparkBot/actions from ../openapi.json and the overlay in generator/resources.
//   node generator/generate.mjs           writes
//   node generator/generate.mjs --check   fails when what is committed differs

import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import prettier from 'prettier';

import { actionOf, pagingOf } from './form.mjs';
import { operationsOf } from './openapi.mjs';
import { Choices } from './properties.mjs';
import { optionName } from './texts.mjs';
import { overlay } from './resources/index.mjs';

const HERE = new URL('.', import.meta.url);
const OPENAPI = new URL('../../openapi.json', HERE);
const TARGET = new URL('../nodes/SparkBot/actions/', HERE);
const NOTICE = '// Made by generator/generate.mjs from openapi.json; changes belong there.\n\n';

/** Parameters that look alike in several actions are one, shown in each of them. */
function merged(forms) {
	const made = [];
	for (const { place, property } of forms) {
		const { displayOptions, ...rest } = property;
		const { operation, ...others } = displayOptions.show;
		const key = JSON.stringify([place, rest, others]);
		const there = place === 1 ? undefined : made.find((one) => one.key === key);
		if (there) there.property.displayOptions.show.operation.push(...operation);
		else made.push({ key, place, property: structuredClone(property) });
	}
	return made.sort((a, b) => a.place - b.place).map(({ property }) => property);
}

const typescript = async (text) =>
	await prettier.format(NOTICE + text.replace(/"@@(\w+)@@"/g, 'choices.$1'), {
		parser: 'typescript',
		singleQuote: true,
		trailingComma: 'all',
		useTabs: true,
		printWidth: 100,
	});

function resourceFile(resource, operations, choices, covered) {
	const options = [];
	const forms = [];
	const routes = {};
	for (const said of resource.actions) {
		if (said.form) {
			// Written by hand: what has no operation of its own.
			options.push(said.option);
			forms.push(...said.form(resource.value));
			continue;
		}
		const operation = operations.get(said.id);
		if (!operation) throw new Error(`${resource.tag}: openapi.json has no operation '${said.id}'`);
		if (operation.tag !== resource.tag) {
			throw new Error(
				`'${said.id}' has the tag '${operation.tag}' in openapi.json, and stands in '${resource.tag}' here`,
			);
		}
		const { option, form, route, used } = actionOf(operation, said, resource, choices);
		if (!covered.has(operation)) covered.set(operation, { used: new Set(), omitted: new Set() });
		for (const leaf of used) covered.get(operation).used.add(leaf);
		for (const key of Object.keys(said.omit ?? {})) covered.get(operation).omitted.add(key);
		if (routes[option.value])
			throw new Error(`${resource.tag} has two actions called '${option.value}'`);
		options.push(option);
		forms.push(...form);
		routes[option.value] = route;
	}
	options.sort((a, b) => a.name.localeCompare(b.name));
	const operation = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options,
		default: resource.default ?? options[0].value,
	};
	const properties = [operation, ...merged(forms)];
	const text = JSON.stringify(properties);
	return `import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';
${text.includes('"@@') ? "import * as choices from './choices';\n" : ''}
export const properties: INodeProperties[] = ${text};

export const actions: Actions = ${JSON.stringify(routes)};
`;
}

/** Every leaf of every operation stands on a form, or is left out for a reason. */
function complete(covered) {
	for (const [operation, { used, omitted }] of covered) {
		for (const leaf of operation.leaves) {
			const isPaging =
				leaf.to === pagingOf(operation) && ['size', 'page', 'skip'].includes(leaf.key);
			const key = leaf.to === 'query' ? `?${leaf.key}` : leaf.key;
			if (!used.has(leaf) && !isPaging && !omitted.has(key)) {
				throw new Error(
					`${operation.id}: '${key}' of openapi.json stands on no form; place it, or say in 'omit' why not`,
				);
			}
		}
	}
}

const described = async () => JSON.parse(await readFile(OPENAPI, 'utf8'));

/** The files by their names. */
export async function generated(document) {
	const operations = operationsOf(document);
	const choices = new Choices();
	const covered = new Map();
	const files = new Map();
	const { resources: known, without } = overlay(document);
	const placed = new Set(known.flatMap(({ actions }) => actions.map(({ id }) => id)));
	for (const { id, method, path } of operations.values()) {
		if (placed.has(id) === id in without) {
			throw new Error(
				placed.has(id)
					? `'${id}' is both in a resource and in WITHOUT`
					: `'${id}' (${method} ${path}) of openapi.json has no place: add it to a file of generator/resources, or to WITHOUT with a reason`,
			);
		}
	}
	for (const id of Object.keys(without)) {
		if (!operations.has(id))
			throw new Error(`WITHOUT names '${id}', which openapi.json does not have`);
	}
	const resources = [...known].sort((a, b) => a.name.localeCompare(b.name));
	for (const resource of resources) {
		const text = resourceFile(resource, operations, choices, covered);
		files.set(`${resource.value}.ts`, await typescript(text));
	}
	complete(covered);
	choices.name(
		'eventOptions',
		operations
			.get('webhooks.create')
			.leaves.find(({ key }) => key === 'events')
			.options.map((value) => ({ name: optionName(value), value })),
	);
	files.set(
		'choices.ts',
		await typescript(
			`import type { INodePropertyOptions } from 'n8n-workflow';\n\n${choices.all
				.map(
					([name, options]) =>
						`export const ${name}: INodePropertyOptions[] = ${JSON.stringify(options)};`,
				)
				.join('\n\n')}`,
		),
	);
	const options = resources.map(({ name, value, description }) => ({
		name,
		value,
		...(description ? { description } : {}),
	}));
	files.set(
		'index.ts',
		await typescript(`import type { INodeProperties } from 'n8n-workflow';

import type { Actions } from '../action';
${resources.map(({ value }) => `import * as ${value} from './${value}';`).join('\n')}

const resource: INodeProperties = ${JSON.stringify({
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options,
			default: 'session',
		})};

export const properties: INodeProperties[] = [
	resource,
	${resources.map(({ value }) => `...${value}.properties`).join(',\n')},
];

/** By resource, then by operation. */
export const actions: Record<string, Actions> = {
	${resources.map(({ value }) => `${value}: ${value}.actions`).join(',\n')},
};
`),
	);
	return files;
}

async function committed() {
	const made = new Map();
	for (const name of await readdir(TARGET))
		made.set(name, await readFile(new URL(name, TARGET), 'utf8'));
	return made;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	try {
		const files = await generated(await described());
		const there = await committed();
		if (process.argv.includes('--check')) {
			const names = new Set([...files.keys(), ...there.keys()]);
			const differing = [...names].filter((name) => files.get(name) !== there.get(name));
			if (differing.length) {
				throw new Error(
					`${differing.join(', ')} in nodes/SparkBot/actions differ from openapi.json; run: npm run generate`,
				);
			}
		} else {
			for (const name of there.keys()) if (!files.has(name)) await rm(new URL(name, TARGET));
			for (const [name, text] of files) await writeFile(new URL(name, TARGET), text);
			console.log(`${files.size} files in nodes/SparkBot/actions`);
		}
	} catch (error) {
		console.error(`generator: ${error.message}`);
		process.exit(1);
	}
}
