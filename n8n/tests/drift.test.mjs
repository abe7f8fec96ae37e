// What openapi.json says and what the built node offers are the same: actions, parameters, options and limits. This
// reads both by itself and asks the generator nothing but what it leaves out on purpose.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { overlay } from '../generator/resources/index.mjs';

const require = createRequire(import.meta.url);
const { actions } = require('../dist/nodes/SparkBot/actions/index.js');
const { SparkBot } = require('../dist/nodes/SparkBot/SparkBot.node.js');
const { SparkBotTrigger } = require('../dist/nodes/SparkBotTrigger/SparkBotTrigger.node.js');

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url)));
const { resources: RESOURCES, without: WITHOUT } = overlay(document);
const { properties } = new SparkBot().description;

/** One operation serves thirteen actions. */
const MESSAGES = [
	'Send text message',
	'Send multimedia message',
	'Send scheduled message',
	'Send poll message',
	'Send votes in a poll',
	'Delete votes in a poll',
	'Send meeting event',
	'Send meeting confirmation',
	'Send location',
	'Send contacts',
	'Send reaction',
	'Send catalog product',
	'Forward message',
];

function schema(raw) {
	let found = raw;
	for (;;) {
		if (found.$ref) found = document.components.schemas[found.$ref.split('/').pop()];
		else if (found.oneOf?.some(({ type }) => type === 'null')) {
			found = found.oneOf.find(({ type }) => type !== 'null');
		} else if (found.allOf) {
			const parts = found.allOf.map(schema);
			const properties = Object.assign({}, ...parts.map((part) => part.properties));
			const merged = Object.assign({}, ...parts, {
				required: parts.flatMap(({ required = [] }) => required),
			});
			return Object.keys(properties).length
				? { ...merged, type: 'object', properties }
				: { ...merged, type: parts[0].type };
		} else return found;
	}
}

const typeOf = ({ type }) => (Array.isArray(type) ? type.find((one) => one !== 'null') : type);

/** `[place, key, schema, required]` of everything that a request can carry. */
function* leaves(operation, item) {
	for (const raw of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
		if (raw.in !== 'header') yield [raw.in, raw.name, schema(raw.schema), raw.required === true];
	}
	const body = operation.requestBody?.content['application/json'];
	if (!body) return;
	const root = schema(body.schema);
	if (typeOf(root) === 'array') yield ['body', '', root, operation.requestBody.required === true];
	else yield* inner(root, '', true);
}

function* inner(object, prefix, isRequired) {
	for (const [name, raw] of Object.entries(object.properties ?? {})) {
		const value = schema(raw);
		const required = isRequired && (object.required ?? []).includes(name);
		if (typeOf(value) === 'object' && value.properties)
			yield* inner(value, `${prefix}${name}.`, required);
		else yield ['body', prefix + name, value, required];
	}
}

/** The parameter of an action's form. */
function parameter(resource, operation, name) {
	const [outer, nested] = name.split('.');
	const found = properties.find(
		(one) =>
			one.name === outer &&
			one.displayOptions?.show?.resource?.includes(resource) &&
			one.displayOptions.show.operation?.includes(operation),
	);
	return nested ? found?.options.find((one) => one.name === nested) : found;
}

const optionsOf = (one) => one.options.map(({ value }) => value).sort();

/** Compares a parameter with what the API takes. */
function compare(where, property, field, value) {
	const type = typeOf(value);
	const item = type === 'array' ? schema(value.items ?? {}) : undefined;
	if (value.enum) {
		assert.equal(property.type, 'options', where);
		assert.deepEqual(optionsOf(property), [...value.enum].sort(), `${where}: options`);
	} else if (item?.enum) {
		assert.equal(property.type, 'multiOptions', where);
		assert.deepEqual(optionsOf(property), [...item.enum].sort(), `${where}: options`);
	} else if (type === 'integer' || type === 'number') {
		assert.equal(property.type, 'number', where);
		assert.equal(property.typeOptions?.minValue, value.minimum, `${where}: smallest value`);
		assert.equal(property.typeOptions?.maxValue, value.maximum, `${where}: largest value`);
	} else if (type === 'boolean') {
		assert.ok(property.type === 'boolean' || (property.type === 'options' && field.values), where);
		if (property.type === 'boolean') {
			assert.match(property.description, /^Whether/, where);
			if ((value.default ?? undefined) !== undefined)
				assert.equal(property.default, value.default, `${where}: default`);
		}
	} else if (type === 'string' && value.format === 'date-time') {
		assert.equal(property.type, 'dateTime', where);
	} else if (type === 'string') {
		assert.ok(['string', 'resourceLocator', 'options'].includes(property.type), where);
		// A picker has its own words; everything that is typed says how long it may be.
		if (property.type === 'string') limit(where, property, value.maxLength, 'characters');
	} else if (type === 'object') {
		assert.equal(field.as, 'pairs', where);
	} else if (item && typeOf(item) === 'object') {
		assert.equal(property.type, 'fixedCollection', where);
		assert.equal(property.typeOptions.multipleValues, true, where);
		limit(where, property, value.maxItems, 'entries');
		const row = new Map(field.row.map((one) => [one.key, one]));
		for (const [, key, part] of inner(item, '', true)) {
			assert.ok(row.has(key), `${where}: a row has no ${key}`);
			const found = property.options[0].values.find(({ name }) => name === row.get(key).name);
			compare(`${where}.${key}`, found, row.get(key), part);
			row.delete(key);
		}
		assert.deepEqual([...row.keys()], [], `${where}: the API knows no such thing in a row`);
	} else if (type === 'array') {
		assert.equal(field.as, typeOf(item) === 'number' ? 'numbers' : 'list', where);
		assert.ok(['string', 'multiOptions'].includes(property.type), where);
		if (property.type === 'string') limit(where, property, value.maxItems, 'entries');
	} else assert.fail(`${where}: unknown to the node: ${JSON.stringify(value)}`);
}

function limit(where, property, most, what) {
	if (most === undefined) return;
	const said = `${most.toLocaleString('en-US')} ${what}`;
	assert.ok(property.description?.includes(said), `${where}: says nothing of at most ${said}`);
}

test('every operation of openapi.json is an action, with everything it takes', () => {
	const byId = new Map();
	for (const [resource, operations] of Object.entries(actions)) {
		for (const [operation, route] of Object.entries(operations)) {
			byId.set(route.id, [...(byId.get(route.id) ?? []), { resource, operation, route }]);
		}
	}
	const omitted = new Map();
	for (const { id, omit } of RESOURCES.flatMap((one) => one.actions)) omitted.set(id, omit ?? {});
	let compared = 0;
	for (const [path, item] of Object.entries(document.paths)) {
		for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
			const operation = item[method];
			if (!operation || operation.operationId in WITHOUT) continue;
			const id = operation.operationId;
			const found = byId.get(id);
			assert.ok(found, `${id} is no action`);
			byId.delete(id);
			for (const { route } of found) {
				assert.equal(route.method, method.toUpperCase(), id);
				assert.equal(route.path, path, id);
				const key = (operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key');
				assert.equal(Boolean(route.idempotent), key, `${id}: idempotency key`);
			}
			const known = new Set();
			for (const [place, key, value, required] of leaves(operation, item)) {
				known.add(`${place} ${key}`);
				const where = `${id} ${place} ${key}`;
				const paged =
					found[0].route.pageSize &&
					['size', 'page', 'skip'].includes(key) &&
					place === (found[0].route.pagesInBody ? 'body' : 'query');
				if (paged) {
					if (key === 'size')
						assert.equal(found[0].route.pageSize, value.maximum, `${where}: largest page`);
					continue;
				}
				if ((place === 'query' ? `?${key}` : key) in omitted.get(id)) continue;
				let shown = 0;
				for (const { resource, operation: name, route } of found) {
					if (route.constants?.some((one) => one.key === key && one.to === place)) shown++;
					for (const field of route.fields.filter((one) => one.key === key && one.to === place)) {
						if (field.as === 'image') continue;
						const property = parameter(resource, name, field.name);
						assert.ok(property, `${where}: ${field.name} stands nowhere on the form`);
						if (field.at === undefined) compare(where, property, field, value);
						else {
							// One of the entries of a list that always has so many.
							assert.equal(property.type, 'number', where);
							assert.equal(typeOf(schema(value.items)), 'number', where);
							assert.ok(field.at < value.maxItems && value.minItems === value.maxItems, where);
						}
						compared++;
						shown++;
						const always = Object.keys(property.displayOptions?.show ?? {}).length === 2;
						if (
							required &&
							always &&
							property.type !== 'boolean' &&
							property.type !== 'fixedCollection'
						) {
							// An empty list may be meant: it is sent, then.
							const emptyList = field.as === 'list' && !value.minItems && field.required;
							assert.ok(property.required || emptyList, `${where}: required`);
						}
					}
				}
				assert.ok(shown > 0, `${where} is missing from the node`);
			}
			for (const { route } of found) {
				for (const { to, key } of [...route.fields, ...(route.constants ?? [])]) {
					assert.ok(known.has(`${to} ${key}`), `${id}: the API takes no ${to} ${key}`);
				}
			}
		}
	}
	assert.deepEqual([...byId.keys()], [], 'actions that openapi.json does not have');
	assert.ok(compared > 500, `only ${compared} parameters were compared`);
});

test('resources and actions are called as the API calls them', () => {
	const plain = (name) => name.toLowerCase().replaceAll('replies', 'reply').replace(/s$/, '');
	const tags = new Map();
	for (const item of Object.values(document.paths)) {
		for (const operation of Object.values(item)) {
			if (!operation.operationId || operation.operationId in WITHOUT) continue;
			const names = operation.operationId === 'messages.send' ? MESSAGES : [operation.summary];
			tags.set(operation.tags[0], [...(tags.get(operation.tags[0]) ?? []), ...names]);
		}
	}
	tags.get('Other').push('Send API request');
	const resources = properties.find(({ name }) => name === 'resource').options;
	assert.equal(resources.length, tags.size);
	for (const { tag, name, value } of RESOURCES) {
		assert.equal(plain(name), plain(tag.replace('Send messages', 'Message')));
		const operations = properties.find(
			(one) => one.name === 'operation' && one.displayOptions.show.resource.includes(value),
		);
		const names = operations.options.map((one) => one.name.toLowerCase()).sort();
		assert.deepEqual(
			names,
			tags
				.get(tag)
				.map((one) => one.toLowerCase())
				.sort(),
			tag,
		);
		for (const { action, name: shown } of operations.options) {
			assert.equal(action.toLowerCase(), shown.toLowerCase());
		}
	}
});

test('the trigger offers the events of the API', () => {
	const known = document.components.schemas.CreateWebhook.properties.events.items.enum;
	const { properties: form } = new SparkBotTrigger().description;
	assert.deepEqual(optionsOf(form.find(({ name }) => name === 'events')), [...known].sort());
});

test('what is committed is what the generator makes', () => {
	const generator = new URL('../generator/generate.mjs', import.meta.url).pathname;
	execFileSync(process.execPath, [generator, '--check'], { stdio: 'pipe' });
});

test('an operation without a place ends the generator with a sentence', async () => {
	const { generated } = await import('../generator/generate.mjs');
	const more = structuredClone(document);
	more.paths['/v1/new'] = {
		get: { operationId: 'new.thing', tags: ['New'], summary: 'New thing', responses: {} },
	};
	await assert.rejects(
		generated(more),
		/'new\.thing' \(GET \/v1\/new\) of openapi\.json has no place/,
	);
	const other = structuredClone(document);
	other.paths['/v1/devices'].get.parameters.push({
		name: 'colour',
		in: 'query',
		schema: { type: 'boolean' },
	});
	await assert.rejects(
		generated(other),
		/'colour' of devices\.list needs a text that begins with Whether/,
	);
	const renamed = structuredClone(document);
	renamed.paths['/v1/devices'].get.tags = ['Numbers'];
	await assert.rejects(generated(renamed), /has the tag 'Numbers' in openapi\.json/);
});
