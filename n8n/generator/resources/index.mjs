import campaigns from './campaigns.mjs';
import catalog from './catalog.mjs';
import channels from './channels.mjs';
import chatFiles from './chatFiles.mjs';
import chatMessages from './chatMessages.mjs';
import chats from './chats.mjs';
import contacts from './contacts.mjs';
import departments from './departments.mjs';
import files from './files.mjs';
import groups from './groups.mjs';
import labels from './labels.mjs';
import meetingLinks from './meetingLinks.mjs';
import numbers from './numbers.mjs';
import other from './other.mjs';
import outboundMessages from './outboundMessages.mjs';
import profile from './profile.mjs';
import queue from './queue.mjs';
import quickReplies from './quickReplies.mjs';
import sendMessages from './sendMessages.mjs';
import session from './session.mjs';
import statuses from './statuses.mjs';
import team from './team.mjs';
import webhooks from './webhooks.mjs';

const ALL = [
	campaigns,
	catalog,
	channels,
	chatFiles,
	chatMessages,
	chats,
	contacts,
	departments,
	files,
	groups,
	labels,
	meetingLinks,
	numbers,
	other,
	outboundMessages,
	profile,
	queue,
	quickReplies,
	sendMessages,
	session,
	statuses,
	team,
	webhooks,
];

/** Operations of openapi.json that are no actions of the node, and why. */
const WITHOUT = {
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

/** The resources that a document has operations of, and which of its operations are no actions. */
export function overlay(document) {
	const tags = new Set(
		Object.values(document.paths).flatMap((item) =>
			Object.values(item).flatMap((operation) => operation.tags ?? []),
		),
	);
	const resources = ALL.filter(({ tag }) => tags.has(tag));
	const without = Object.assign({}, WITHOUT, ...resources.map((resource) => resource.without));
	return { resources, without };
}
