// A language model that uses the first tool it is offered as it is told to, turn by turn, and then says that it is done.
// It speaks as much of OpenAI's protocol as n8n's agent asks for.

import { createServer } from 'node:http';

/** For each turn the arguments of the calls that are made in it. */
export async function model(turns) {
	const asked = [];
	const server = createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const body = JSON.parse(Buffer.concat(parts));
		asked.push(body);
		const { name } = body.tools?.[0]?.function ?? {};
		const turn = body.messages.filter((message) => message.tool_calls).length;
		const calls = (turns[turn] ?? []).map((wanted, call) => ({
			id: `call_${turn}_${call}`,
			type: 'function',
			function: { name, arguments: JSON.stringify(wanted) },
		}));
		const message = { role: 'assistant', content: calls.length ? null : 'Done.' };
		if (calls.length) message.tool_calls = calls;
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(
			JSON.stringify({
				id: 'chatcmpl-1',
				object: 'chat.completion',
				created: 0,
				model: body.model,
				choices: [{ index: 0, message, finish_reason: calls.length ? 'tool_calls' : 'stop' }],
				usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
			}),
		);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		asked,
		url: `http://127.0.0.1:${server.address().port}/v1`,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** An agent with this model and the SparkBot node as its only tool. */
export function agentWorkflow(tool, credentials, openAi) {
	const node = (name, type, typeVersion, parameters, more) => ({
		id: name,
		name,
		type,
		typeVersion,
		parameters,
		position: [0, 0],
		...more,
	});
	const link = (type, node) => ({ [type]: [[{ node, type, index: 0 }]] });
	return {
		name: 'Agent',
		settings: {},
		nodes: [
			node('When clicking Execute', 'n8n-nodes-base.manualTrigger', 1, {}),
			node('Agent', '@n8n/n8n-nodes-langchain.agent', 2, {
				promptType: 'define',
				text: 'Tell Ben that his order is ready',
				options: {},
			}),
			node(
				'Model',
				'@n8n/n8n-nodes-langchain.lmChatOpenAi',
				1.2,
				{ model: { __rl: true, mode: 'id', value: 'a-model' }, options: {} },
				{ credentials: openAi },
			),
			node('Tell Ben', 'n8n-nodes-sparkbot.sparkBotTool', 1, tool, { credentials }),
		],
		connections: {
			'When clicking Execute': link('main', 'Agent'),
			Model: link('ai_languageModel', 'Agent'),
			'Tell Ben': link('ai_tool', 'Agent'),
		},
	};
}
