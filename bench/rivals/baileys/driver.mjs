// Baileys with many numbers in one process, told what to do by the lines of ../README.md.
// It is used as its own example uses it, and nothing of it is patched.
import { mkdirSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { WA_CERT_DETAILS } from 'baileys';
import pino from 'pino';

import { Bench, inParallel } from './bench.mjs';
import { Device } from './device.mjs';
import { Sandbox } from './sandbox.mjs';

const { values: options } = parseArgs({
  options: {
    sandbox: { type: 'string' },
    state: { type: 'string' },
    first: { type: 'string', default: '+16003000000' },
    friends: { type: 'string', default: '+16005000000' },
    cache: { type: 'string', default: 'yes' },
  },
});

// Baileys' libsignal prints whole sessions, which would cost it time, and stdout belongs to the phases.
console.log = console.info = console.warn = () => {};
const tell = (phase) => process.stdout.write(`${JSON.stringify(phase)}\n`);

const sandbox = new Sandbox(options.sandbox);
const { socketUrl, rootKey } = await sandbox.ask('GET', '/');
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex');

const settings = {
  sandbox,
  socketUrl,
  state: options.state,
  cached: options.cache === 'yes',
  logger: pino({ level: process.env.CLIENT_LOG || 'error' }, pino.destination(2)),
};
const bench = new Bench({
  sandbox,
  tell,
  // Twice, since what a first one finds may hold more.
  rest: () => [gc(), gc()],
  first: options.first,
  friends: options.friends,
  makeDevice: (phone) => new Device(phone, settings),
});

mkdirSync(options.state, { recursive: true });
const there = readdirSync(options.state).filter((name) => name.startsWith('+')).length;
tell({
  phase: 'ready',
  rival: 'baileys',
  version: '7.0.0-rc14',
  pid: process.pid,
  helpers: [],
  numbers: there,
  settings: { store: 'files', cached: settings.cached },
});
if (there) await bench.resume(there);

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const command = JSON.parse(line);
  try {
    if (command.do === 'quit') break;
    await bench.run(command);
  } catch (error) {
    tell({ phase: 'failed', do: command.do, reason: String(error?.stack ?? error) });
  }
}
await inParallel(bench.numbers, 16, (number) => number.close());
tell({ phase: 'ended' });
process.exit();
