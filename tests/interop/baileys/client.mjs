// Baileys as a process that is told what to do: one JSON object per line on
// stdin, one per line on stdout (docs/interop.md lists them). It is meant to be
// as an application would use the library, so nothing of Baileys is patched.
import { createInterface } from 'node:readline';
import { createHash } from 'node:crypto';
import makeWASocket, {
  DisconnectReason, WA_CERT_DETAILS, decryptPollVote, downloadMediaMessage, isJidGroup, isPnUser, jidDecode,
  jidNormalizedUser, proto, useMultiFileAuthState,
} from 'baileys';
import pino from 'pino';

const { SANDBOX_SOCKET: socketUrl, SANDBOX_ROOT_KEY: rootKey, CLIENT_STATE: stateFolder } = process.env;

// The first of the two things that differ from WhatsApp; the other is the URL.
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex');

// Baileys' libsignal writes to the console, and stdout belongs to the events.
console.log = console.info = console.error;
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

const { Status } = proto.WebMessageInfo;
const RECEIPTS = new Map([[Status.DELIVERY_ACK, 'delivered'], [Status.READ, 'read'], [Status.PLAYED, 'played']]);
const { state, saveCreds } = await useMultiFileAuthState(stateFolder);
const known = new Map();
let socket;
let closing = false;

/** The phone number among the names somebody has. */
function number(...names) {
  const jid = names.find((jid) => isPnUser(jid));
  return jid ? `+${jidDecode(jid).user}` : null;
}

/** Where a message stands: a group's id, or the number of the other person. */
function place({ remoteJid, remoteJidAlt }) {
  return isJidGroup(remoteJid) ? remoteJid : number(remoteJid, remoteJidAlt);
}

/** Who wrote a message, under every name. */
function authors({ fromMe, participant, participantAlt, remoteJid, remoteJidAlt }) {
  if (fromMe) return [socket.user.id, socket.user.lid].filter(Boolean).map(jidNormalizedUser);
  const names = participant ? [participant, participantAlt] : [remoteJid, remoteJidAlt];
  return names.filter(Boolean).map(jidNormalizedUser);
}

const address = (to) => (to.includes('@') ? to : `${to.replace('+', '')}@s.whatsapp.net`);

function tellReceipt(key, status) {
  if (key.fromMe && RECEIPTS.has(status)) tell({ event: 'receipt', ids: [key.id], kind: RECEIPTS.get(status) });
}

const textIn = (message) => message?.conversation || message?.extendedTextMessage?.text;

async function tellMessage(received) {
  const { key, message, status, messageStubParameters } = received;
  // Baileys folds what comes soon after a message into it, when it was away.
  const edited = message?.editedMessage?.message;
  const text = textIn(edited) || textIn(message);
  const about = { id: key.id, chat: place(key), from: number(...authors(key)), fromMe: Boolean(key.fromMe) };
  if (text) {
    known.set(key.id, received);
    tell({ event: 'message', ...about, text });
    if (edited) tell({ event: 'edit', of: key.id, chat: about.chat, text });
  } else if (message?.imageMessage) {
    known.set(key.id, received);
    const bytes = await downloadMediaMessage(received, 'buffer', {});
    tell({ event: 'picture', ...about, caption: message.imageMessage.caption, sha256: sha256(bytes) });
  } else if (message?.documentMessage) {
    const bytes = await downloadMediaMessage(received, 'buffer', {});
    tell({ event: 'file', ...about, sha256: sha256(bytes) });
  } else if (message?.reactionMessage) {
    tell({ event: 'reaction', ...about, of: message.reactionMessage.key.id, emoji: message.reactionMessage.text });
  } else if (poll(message)) {
    known.set(key.id, received);
    tell({ event: 'poll', ...about, name: poll(message).name });
  } else if (message?.pollUpdateMessage) {
    tell({ event: 'vote', ...about, ...vote(key, message.pollUpdateMessage) });
  } else if (messageStubParameters?.length) {
    tell({ event: 'undecryptable', id: key.id, reason: messageStubParameters.join(' ') });
  }
  // Baileys folds a receipt that comes soon after the message into it.
  tellReceipt(key, status);
}

function tellUpdate({ key, update }) {
  const text = textIn(update.message?.editedMessage?.message);
  if (text) tell({ event: 'edit', of: key.id, chat: place(key), text });
  tellReceipt(key, update.status);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const poll = (message) => message?.pollCreationMessage || message?.pollCreationMessageV2 || message?.pollCreationMessageV3;

/** What was voted for. A vote is sealed under the names that the voter knew both
 * sides by, and Baileys leaves it to the application to find out which. */
function vote(key, { pollCreationMessageKey, vote: sealed }) {
  const asked = known.get(pollCreationMessageKey.id);
  const options = poll(asked.message).options.map(({ optionName }) => optionName);
  for (const pollCreatorJid of authors(asked.key)) {
    for (const voterJid of authors(key)) {
      const names = { pollCreatorJid, voterJid, pollMsgId: pollCreationMessageKey.id };
      try {
        const { selectedOptions } = decryptPollVote(sealed, { ...names, pollEncKey: asked.message.messageContextInfo.messageSecret });
        const chosen = selectedOptions.map((option) => Buffer.from(option).toString('hex'));
        return { of: names.pollMsgId, options: options.filter((name) => chosen.includes(sha256(Buffer.from(name)))) };
      } catch {
        // Not under these names.
      }
    }
  }
  return { of: pollCreationMessageKey.id, options: null };
}

function connect() {
  socket = makeWASocket({
    auth: state,
    waWebSocketUrl: socketUrl,
    logger: pino({ level: process.env.CLIENT_LOG || 'warn' }, pino.destination(2)),
    syncFullHistory: false,
    // For those who could not decrypt a message and ask for it again.
    getMessage: async ({ id }) => known.get(id)?.message,
  });
  socket.ev.on('creds.update', saveCreds);
  socket.ev.on('messages.upsert', ({ messages }) => messages.forEach((message) => tellMessage(message).catch(failed)));
  socket.ev.on('messages.update', (updates) => updates.forEach(tellUpdate));
  socket.ev.on('groups.upsert', (groups) => groups.forEach(({ id, subject }) => tell({ event: 'group', id, subject })));
  socket.ev.on('chats.update', (chats) => chats.forEach(tellChat));
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr) tell({ event: 'qr', data: qr });
    if (connection === 'open') tell({ event: 'open' });
    if (connection === 'close' && !closing) closed(lastDisconnect?.error);
  });
}

function tellChat({ id, archived, pinned, muteEndTime }) {
  const chat = isJidGroup(id) ? id : number(id);
  if (archived !== undefined) tell({ event: 'chat', chat, archived: Boolean(archived) });
  if (pinned !== undefined) tell({ event: 'chat', chat, pinned: Boolean(pinned) });
  if (muteEndTime !== undefined) tell({ event: 'chat', chat, muted: Boolean(muteEndTime) });
}

function failed(error) {
  tell({ event: 'error', command: 'receive', reason: String(error?.stack ?? error) });
}

/** Baileys leaves it to the application to connect again. */
function closed(error) {
  const code = error?.output?.statusCode;
  tell({ event: 'closed', code, reason: error?.message });
  if (code === DisconnectReason.loggedOut) tell({ event: 'unlinked' });
  else connect();
}

function sent(message, about) {
  known.set(message.key.id, message);
  tell({ event: 'sent', id: message.key.id, ...about });
}

const commands = {
  async pair({ phone }) {
    tell({ event: 'code', code: await socket.requestPairingCode(phone.replace('+', '')) });
  },
  async send({ to, text }) {
    sent(await socket.sendMessage(address(to), { text }), { text });
  },
  async picture({ to, base64, caption }) {
    sent(await socket.sendMessage(address(to), { image: Buffer.from(base64, 'base64'), caption }), { caption });
  },
  async file({ to, name, base64 }) {
    const document = { document: Buffer.from(base64, 'base64'), mimetype: 'application/pdf', fileName: name };
    sent(await socket.sendMessage(address(to), document), { text: name });
  },
  async react({ id, emoji }) {
    const { key } = known.get(id);
    sent(await socket.sendMessage(key.remoteJid, { react: { text: emoji, key } }), { of: id });
  },
  async edit({ id, text }) {
    const { key } = known.get(id);
    sent(await socket.sendMessage(key.remoteJid, { text, edit: key }), { of: id });
  },
  async poll({ to, name, options }) {
    sent(await socket.sendMessage(address(to), { poll: { name, values: options, selectableCount: 1 } }), { name });
  },
  async group({ subject, members }) {
    const { id } = await socket.groupCreate(subject, members.map(address));
    tell({ event: 'group', id, subject });
  },
  async members({ id }) {
    const { participants } = await socket.groupMetadata(id);
    tell({ event: 'members', id, members: participants.map((one) => number(one.id, one.phoneNumber)).sort() });
  },
  async archive({ chat, archived }) {
    const last = [...known.values()].filter(({ key }) => place(key) === chat).at(-1);
    const lastMessages = [{ key: last.key, messageTimestamp: Number(last.messageTimestamp) }];
    await socket.chatModify({ archive: archived, lastMessages }, last.key.remoteJid);
    tell({ event: 'archived', chat });
  },
  async read({ id }) {
    await socket.readMessages([known.get(id).key]);
  },
  async quit() {
    closing = true;
    await saveCreds();
    await socket.end();
    process.exit();
  },
};

connect();
// A closed stdin means that whoever gave the commands is gone.
const lines = createInterface({ input: process.stdin }).on('close', () => process.exit());
lines.on('line', async (line) => {
  const command = JSON.parse(line);
  try {
    await commands[command.do](command);
  } catch (error) {
    tell({ event: 'error', command: command.do, reason: String(error?.stack ?? error) });
  }
});
