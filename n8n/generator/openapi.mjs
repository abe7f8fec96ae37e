// Reads openapi.json: each operation with its leaves, the single values that a request is made of.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** A file's bytes, as answers and bodies say it. */
const isFileType = (type) => type !== 'application/json' && type !== 'text/event-stream';

export function operationsOf(document) {
	const schemas = document.components.schemas;

	/** Without references and without the null of what may be absent. */
	function plain(schema) {
		let { description } = schema;
		let at = schema;
		for (;;) {
			if (at.$ref) at = schemas[at.$ref.split('/').pop()];
			else if (at.oneOf?.length === 2 && at.oneOf.some((one) => one.type === 'null')) {
				at = { ...at, ...at.oneOf.find((one) => one.type !== 'null'), oneOf: undefined };
			} else if (at.allOf) {
				const parts = at.allOf.map(plain);
				const properties = Object.assign({}, ...parts.map((part) => part.properties));
				at = {
					...Object.assign({}, ...parts),
					...at,
					...(Object.keys(properties).length
						? { type: 'object', properties }
						: { type: parts[0].type }),
					required: parts.flatMap((part) => part.required ?? []),
					allOf: undefined,
				};
			} else break;
			description ??= at.description;
		}
		const type = Array.isArray(at.type) ? at.type.find((one) => one !== 'null') : at.type;
		return { ...at, type, description };
	}

	/** What a value is, in the words of the form. */
	function kindOf(schema) {
		if (schema.enum) return 'enum';
		if (schema.type === 'string') return schema.format === 'date-time' ? 'date' : 'string';
		if (schema.type === 'integer' || schema.type === 'number') return 'number';
		if (schema.type === 'boolean') return 'boolean';
		if (schema.type === 'array') {
			const item = plain(schema.items ?? {});
			if (item.type === 'object') return 'rows';
			return item.enum ? 'enums' : 'list';
		}
		if (schema.type === 'object') return schema.properties ? 'object' : 'map';
		return 'any';
	}

	function leaf(to, key, schema, required) {
		const kind = kindOf(schema);
		const made = { to, key, kind, required, description: schema.description ?? '' };
		for (const limit of ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']) {
			if (schema[limit] !== undefined) made[limit] = schema[limit];
		}
		if (schema.default !== undefined && schema.default !== null) made.default = schema.default;
		if (kind === 'number') made.whole = schema.type === 'integer';
		if (kind === 'enum') made.options = schema.enum;
		if (kind === 'enums') made.options = plain(schema.items).enum;
		if (kind === 'list') made.numbers = plain(schema.items ?? {}).type === 'number';
		if (kind === 'rows') made.row = leavesOf('body', plain(schema.items), '', true);
		return made;
	}

	function leavesOf(to, schema, prefix, isRequired) {
		return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
			const value = plain(raw);
			const required = isRequired && (schema.required ?? []).includes(name);
			const key = prefix + name;
			if (kindOf(value) === 'object') return leavesOf(to, value, `${key}.`, required);
			return [leaf(to, key, value, required)];
		});
	}

	const operations = new Map();
	for (const [path, item] of Object.entries(document.paths)) {
		for (const method of METHODS.filter((one) => item[one])) {
			const operation = item[method];
			const leaves = [];
			let idempotent = false;
			for (const raw of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
				const parameter = raw.$ref
					? document.components.parameters[raw.$ref.split('/').pop()]
					: raw;
				if (parameter.in === 'header') idempotent ||= parameter.name === 'Idempotency-Key';
				else {
					const schema = { ...plain(parameter.schema) };
					schema.description = parameter.description ?? schema.description;
					leaves.push(leaf(parameter.in, parameter.name, schema, parameter.required === true));
				}
			}
			const body = operation.requestBody?.content['application/json'];
			if (body) {
				const schema = plain(body.schema);
				if (schema.type === 'array') {
					leaves.push(leaf('body', '', schema, operation.requestBody.required === true));
				} else leaves.push(...leavesOf('body', schema, '', true));
			}
			const answers = Object.entries(operation.responses)
				.filter(([status]) => status.startsWith('2'))
				.flatMap(([, answer]) => Object.entries(answer.content ?? {}));
			const json = answers.find(([type]) => type === 'application/json')?.[1].schema;
			const list = json && plain(json).type === 'array';
			const shape = (list ? plain(json).items : json)?.$ref?.split('/').pop();
			operations.set(operation.operationId, {
				id: operation.operationId,
				tag: operation.tags[0],
				summary: operation.summary,
				description: operation.description ?? '',
				method: method.toUpperCase(),
				path,
				leaves,
				idempotent,
				list: Boolean(list),
				shape,
				file: answers.some(([type]) => isFileType(type)),
			});
		}
	}
	return operations;
}
