// Baileys as a process that is told what to do: one JSON object per line on
// stdin, one per line on stdout (docs/interop.md lists them). It is meant to be
// as an application would use the library, so nothing of Baileys is patched.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import makeWASocket, {
  DisconnectReason, WA_CERT_DETAILS, downloadMediaMessage, isPnUser, jidDecode, proto, useMultiFileAuthState,
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
const keys = new Map();
let socket;
let closing = false;

/** The phone number behind a message, whichever of the two names it came under. */
function number({ remoteJid, remoteJidAlt }) {
  const jid = [remoteJid, remoteJidAlt].find((jid) => isPnUser(jid));
  return jid ? `+${jidDecode(jid).user}` : null;
}

function tellReceipt(key, status) {
  if (key.fromMe && RECEIPTS.has(status)) tell({ event: 'receipt', ids: [key.id], kind: RECEIPTS.get(status) });
}

function tellMessage({ key, message, status, messageStubParameters }) {
  const text = message?.conversation || message?.extendedTextMessage?.text;
  if (text) {
    keys.set(key.id, key);
    tell({ event: 'message', id: key.id, chat: number(key), fromMe: Boolean(key.fromMe), text });
  } else if (messageStubParameters?.length) {
    tell({ event: 'undecryptable', id: key.id, reason: messageStubParameters.join(' ') });
  }
  // Baileys folds a receipt that comes soon after the message into it.
  tellReceipt(key, status);
}

/** Fetches what a message refers to, over HTTPS from the sandbox's media host. */
async function tellFile(received) {
  if (!received.message?.documentMessage) return;
  const content = await downloadMediaMessage(received, 'buffer', {});
  tell({ event: 'file', id: received.key.id, sha256: createHash('sha256').update(content).digest('hex') });
}

function connect() {
  socket = makeWASocket({
    auth: state,
    waWebSocketUrl: socketUrl,
    logger: pino({ level: process.env.CLIENT_LOG || 'warn' }, pino.destination(2)),
    syncFullHistory: false,
  });
  socket.ev.on('creds.update', saveCreds);
  socket.ev.on('messages.upsert', ({ messages }) => messages.forEach((received) => {
    tellMessage(received);
    tellFile(received).catch((error) => tell({ event: 'error', command: 'download', reason: String(error?.stack ?? error) }));
  }));
  socket.ev.on('messages.update', (updates) => updates.forEach(({ key, update }) => tellReceipt(key, update.status)));
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr) tell({ event: 'qr', data: qr });
    if (connection === 'open') tell({ event: 'open' });
    if (connection === 'close' && !closing) closed(lastDisconnect?.error);
  });
}

/** Baileys leaves it to the application to connect again. */
function closed(error) {
  const code = error?.output?.statusCode;
  tell({ event: 'closed', code, reason: error?.message });
  if (code === DisconnectReason.loggedOut) tell({ event: 'unlinked' });
  else connect();
}

const commands = {
  async pair({ phone }) {
    tell({ event: 'code', code: await socket.requestPairingCode(phone.replace('+', '')) });
  },
  async send({ to, text }) {
    const sent = await socket.sendMessage(`${to.replace('+', '')}@s.whatsapp.net`, { text });
    tell({ event: 'sent', id: sent.key.id, text });
  },
  async file({ to, name, base64 }) {
    const document = { document: Buffer.from(base64, 'base64'), mimetype: 'application/pdf', fileName: name };
    const sent = await socket.sendMessage(`${to.replace('+', '')}@s.whatsapp.net`, document);
    tell({ event: 'sent', id: sent.key.id, text: name });
  },
  async read({ id }) {
    await socket.readMessages([keys.get(id)]);
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
