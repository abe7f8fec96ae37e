// What every form has, whatever the action: lists to pick from and the id beside them, Return All with Limit, Simplify,
// examples, idempotency keys; and what n8n shows of the nodes before a form is opened.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { actions } = require('../dist/nodes/SparkBot/actions/index.js');
const { SparkBot } = require('../dist/nodes/SparkBot/SparkBot.node.js');
const { SparkBotTrigger } = require('../dist/nodes/SparkBotTrigger/SparkBotTrigger.node.js');
const { SparkBotApi } = require('../dist/credentials/SparkBotApi.credentials.js');

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url)));
const { properties } = new SparkBot().description;

const all = Object.entries(actions).flatMap(([resource, operations]) =>
	Object.entries(operations).map(([operation, action]) => ({ resource, operation, action })),
);

/** The parameters at the top of an action's form, by name. */
const formOf = ({ resource, operation }) =>
	properties.filter(
		({ displayOptions: { show } = {} }) =>
			show?.resource?.includes(resource) && show.operation?.includes(operation),
	);

/** A parameter with everything inside it. */
function* within(property) {
	yield property;
	for (const option of property.options ?? []) {
		for (const inner of option.values ?? (option.type ? [option] : [])) yield* within(inner);
	}
}

const every = [...properties, ...new SparkBotTrigger().description.properties].flatMap((one) => [
	...within(one),
]);

test('what is chosen one of is picked from a list that searches, or named by hand', () => {
	const pickers = every.filter(({ type }) => type === 'resourceLocator');
	const lists = new Set();
	for (const { name, default: first, modes } of pickers) {
		const [list, id, ...more] = modes;
		assert.deepEqual([list.type, id.type, more.length], ['list', 'string', 0], name);
		assert.equal(list.typeOptions.searchable, true, name);
		assert.equal(first.mode, 'list', name);
		assert.match(id.placeholder, /^e\.g\. /, name);
		lists.add(list.typeOptions.searchListMethod);
	}
	for (const wanted of [
		'Numbers',
		'Groups',
		'Channels',
		'Agents',
		'Departments',
		'Labels',
		'Files',
	]) {
		assert.ok(lists.has(`search${wanted}`), wanted);
	}
	// One parameter of each of these in every path is a picker and nothing that has to be typed.
	const named = ['device', 'groupId', 'channelId'];
	for (const one of all) {
		for (const { to, name, key } of one.action.fields) {
			const isFile = key === 'fileId' && one.action.path.startsWith('/v1/files/');
			if (to !== 'path' || !(named.includes(key) || isFile)) continue;
			const { type } = formOf(one).find((property) => property.name === name);
			assert.equal(type, 'resourceLocator', `${one.operation}: ${name}`);
		}
	}
});

test('whatever comes in pages has Return All and Limit, and nothing else has', () => {
	let paged = 0;
	for (const one of all) {
		const names = formOf(one).map(({ name }) => name);
		const has = ['returnAll', 'limit'].map((name) => names.includes(name));
		assert.deepEqual(has, Array(2).fill(one.action.pageSize !== undefined), one.operation);
		paged += has[0];
	}
	const lists = Object.values(document.paths).flatMap((path) =>
		Object.values(path).filter(({ parameters = [] }) =>
			parameters.some(({ name }) => name === 'page'),
		),
	);
	assert.ok(paged >= lists.length, `${paged} of ${lists.length}`);
});

test('Simplify is there where something is left out, and on', () => {
	let simplified = 0;
	for (const one of all) {
		const simplify = formOf(one).find(({ name }) => name === 'simplify');
		assert.equal(simplify !== undefined, one.action.simple !== undefined, one.operation);
		if (!simplify) continue;
		assert.equal(simplify.default, true, one.operation);
		assert.ok(one.action.simple.length > 1, one.operation);
		simplified += 1;
	}
	assert.ok(simplified > 40, String(simplified));
});

test('whatever is typed has an example', () => {
	const typed = every.filter(({ type, default: first }) => type === 'string' && first === '');
	assert.ok(typed.length > 300, String(typed.length));
	for (const { name, placeholder } of typed) assert.ok(placeholder, name);
});

test('whatever the API takes an idempotency key for is sent with one', () => {
	const takes = new Set(
		Object.values(document.paths).flatMap((path) =>
			Object.values(path)
				.filter(({ parameters = [] }) =>
					parameters.some(
						(one) => one.in === 'header' && one.name.toLowerCase() === 'idempotency-key',
					),
				)
				.map(({ operationId }) => operationId),
		),
	);
	assert.ok(takes.has('messages.send'), [...takes].join());
	for (const { operation, action } of all) {
		assert.equal(Boolean(action.idempotent), takes.has(action.id), operation);
	}
});

test('what n8n shows before a form is opened', () => {
	const file = (name) => new URL(`../dist/nodes/${name}`, import.meta.url);
	for (const Node of [SparkBot, SparkBotTrigger]) {
		const { icon, name } = new Node().description;
		const folder = Node.name;
		for (const theme of ['light', 'dark']) {
			const path = icon[theme].replace(/^file:/, '');
			assert.ok(existsSync(new URL(path, file(`${folder}/`))), `${name}: ${icon[theme]}`);
		}
		assert.notEqual(icon.light, icon.dark);
		const codex = JSON.parse(readFileSync(file(`${folder}/${folder}.node.json`)));
		assert.equal(codex.node, `n8n-nodes-sparkbot.${name}`);
		assert.ok(codex.categories.includes('Communication') && codex.alias.includes('whatsapp'));
	}
	assert.equal(new SparkBot().description.usableAsTool, true);
	const { icon } = new SparkBotApi();
	assert.notEqual(icon.light, icon.dark);
});
