// One number: its state in a folder, its socket, and what the library reports.
import { join } from 'node:path';
import makeWASocket, { DisconnectReason, makeCacheableSignalKeyStore, useMultiFileAuthState } from 'baileys';

const ONLINE_MS = 120_000;

export class Device {
  received = 0;
  history = 0;
  lastHistory = 0;

  constructor(phone, { sandbox, socketUrl, state, cached, logger }) {
    Object.assign(this, { phone, sandbox, socketUrl, cached, logger, folder: join(state, phone) });
    this.closing = false;
    this.online = new Promise((resolve, reject) => Object.assign(this, { opened: resolve, gaveUp: reject }));
  }

  /** Connects; resolves when it is online. A new one is linked by code first. */
  async open() {
    const { state, saveCreds } = await useMultiFileAuthState(this.folder);
    const keys = this.cached ? makeCacheableSignalKeyStore(state.keys, this.logger) : state.keys;
    Object.assign(this, { auth: { creds: state.creds, keys }, saveCreds });
    this.connect();
    const patience = setTimeout(() => this.gaveUp(new Error(`${this.phone} is not online`)), ONLINE_MS);
    await this.online.finally(() => clearTimeout(patience));
    return this;
  }

  connect() {
    this.socket = makeWASocket({ auth: this.auth, waWebSocketUrl: this.socketUrl, logger: this.logger, syncFullHistory: false });
    const { ev } = this.socket;
    ev.on('creds.update', this.saveCreds);
    ev.on('messages.upsert', ({ type, messages }) => {
      if (type === 'notify') this.received += messages.filter(isText).length;
    });
    ev.on('messaging-history.set', ({ messages }) => {
      this.history += messages.length;
      this.lastHistory = Date.now();
    });
    ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
      if (qr && !this.linking) this.link().catch(this.gaveUp);
      if (connection === 'open') this.opened();
      if (connection === 'close' && !this.closing) this.closed(lastDisconnect?.error);
    });
  }

  /** Once there is a QR it is connected and waits to be linked. */
  async link() {
    this.linking = true;
    const code = await this.socket.requestPairingCode(this.phone.slice(1));
    // It tells the code while the request is still under way.
    await this.sandbox.again(['no_pending_code', 'busy'], 'POST', `/phones/${this.phone}/link`, { code });
  }

  /** Baileys leaves it to the application to connect again; linking ends so as well. */
  closed(error) {
    if (error?.output?.statusCode === DisconnectReason.loggedOut) this.gaveUp(new Error(`${this.phone} was unlinked`));
    else this.connect();
  }

  /** Resolves when the server has acknowledged it. */
  async send(to, text) {
    await this.socket.sendMessage(`${to.slice(1)}@s.whatsapp.net`, { text });
  }

  async close() {
    this.closing = true;
    await this.saveCreds();
    await this.socket.end();
  }
}

const isText = ({ key, message }) => !key.fromMe && Boolean(message?.conversation || message?.extendedTextMessage?.text);
