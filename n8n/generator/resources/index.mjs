import chatFiles from './chatFiles.mjs';
import chatMessages from './chatMessages.mjs';
import chats from './chats.mjs';
import departments from './departments.mjs';
import files from './files.mjs';
import groups from './groups.mjs';
import meetingLinks from './meetingLinks.mjs';
import numbers from './numbers.mjs';
import other from './other.mjs';
import outboundMessages from './outboundMessages.mjs';
import queue from './queue.mjs';
import quickReplies from './quickReplies.mjs';
import sendMessages from './sendMessages.mjs';
import session from './session.mjs';
import team from './team.mjs';
import webhooks from './webhooks.mjs';

export const RESOURCES = [
	chatFiles,
	chatMessages,
	chats,
	departments,
	files,
	groups,
	meetingLinks,
	numbers,
	other,
	outboundMessages,
	queue,
	quickReplies,
	sendMessages,
	session,
	team,
	webhooks,
];

/** Operations of openapi.json that are no actions of the node, and why. */
export const WITHOUT = {
	'session.authcodeGet': 'session.authcode without a body',
	'webhooks.replay': 'the trigger does it by itself',
	'numbers.existMany': 'numbers.exists takes one item at a time',
	'team.setAvailability': 'people say of themselves whether they are there; a workflow is nobody',
	'team.acceptInvitation': 'what an invited person does, without a key',
	'login.create': 'the node has a key',
	'login.delete': 'the node has a key',
	'me.get': 'the test of the credential asks it',
	'apikeys.list': 'keys belong to administrators, not to workflows',
	'apikeys.create': 'keys belong to administrators, not to workflows',
	'apikeys.revoke': 'keys belong to administrators, not to workflows',
	'audit.list': 'what administrators read; Send API Request reaches it',
	'events.list': 'the trigger node tells of events',
	'events.stream': 'the trigger node tells of events',
	'service.health': 'about the server, not the account',
	'service.ready': 'about the server, not the account',
	'service.metrics': 'about the server, not the account',
	'service.openapi': 'about the server, not the account',
	'service.docs': 'about the server, not the account',
};
