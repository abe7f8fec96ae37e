// The commands: what they do is the same for every rival, so nothing of Baileys is in here.
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 20;
/** How long after the last acknowledgement, or after the last piece of history, something may still come. */
const ARRIVAL_MS = 120_000;
const HISTORY_MS = 15_000;
const LINKING_MS = 1_000;
const PAGE = 1_000;

export class Bench {
  numbers = [];
  friendsMade = 0;

  constructor({ sandbox, tell, rest, first, friends, makeDevice }) {
    Object.assign(this, { sandbox, tell, first, friends, makeDevice });
    this.commands = {
      link: (command) => this.link(command),
      send: (command) => this.send(command),
      history: (command) => this.history(command),
      rest: () => {
        rest();
        tell({ phase: 'resting' });
      },
      received: () => this.tell({ phase: 'received', messages: sum(this.numbers, ({ received }) => received) }),
    };
  }

  async run(command) {
    const act = this.commands[command.do];
    if (!act) throw new Error(`there is no command '${command.do}'`);
    await act(command);
  }

  /** Brings back the numbers that a folder has. */
  async resume(count) {
    const began = Date.now();
    this.numbers = Array.from({ length: count }, (_, index) => this.makeDevice(counted(this.first, index)));
    await inParallel(this.numbers, 16, (number) => number.open());
    this.tell({ phase: 'online', numbers: count, seconds: since(began) });
  }

  async link({ numbers, concurrency = 4, past }) {
    const began = Date.now();
    let [told, online] = [began, this.numbers.length];
    const wanted = Array.from({ length: numbers - this.numbers.length }, (_, index) => counted(this.first, this.numbers.length + index));
    const added = await inParallel(wanted, concurrency, async (phone) => {
      await this.sandbox.ask('POST', '/phones', { phone });
      if (past) await this.sandbox.ask('POST', `/phones/${phone}/history`, past);
      const number = this.makeDevice(phone);
      this.numbers.push(number);
      await number.open();
      online += 1;
      if (Date.now() - told >= LINKING_MS) {
        told = Date.now();
        this.tell({ phase: 'linking', numbers: online });
      }
      return number;
    });
    // In the order of their phones, whichever was first.
    this.numbers.sort((a, b) => (a.phone < b.phone ? -1 : 1));
    this.tell({ phase: 'linked', numbers: this.numbers.length, seconds: since(began) });
    return added;
  }

  async send({ messages, numbers = 1, phones = 1, concurrency = 16, name }) {
    const friends = await this.makeFriends(phones);
    const before = await Promise.all(friends.map((phone) => this.sandbox.ask('GET', `/phones/${phone}`)));
    const after = new Map(before.map(({ phone, messages: newest }) => [phone, newest]));
    const began = Date.now();
    let failed = 0;
    await inParallel(Array.from({ length: messages }, (_, index) => index), concurrency, async (index) => {
      const to = friends[Math.floor(index / numbers) % phones];
      await this.numbers[index % numbers].send(to, `${name} ${index}`).catch((error) => {
        failed += 1;
        console.error(error);
      });
    });
    this.tell({ phase: 'sent', messages: messages - failed, failed, seconds: since(began) });
    const seen = await this.arrivals(after, `${name} `, messages - failed);
    this.tell({ phase: 'arrived', ...seen, seconds: since(began) });
  }

  /** Looks at the phones until so many texts with a prefix are there. Each text once; those in several copies are told. */
  async arrivals(after, prefix, wanted) {
    const texts = new Map();
    for (const ends = Date.now() + ARRIVAL_MS; ; await sleep(LOOK_MS)) {
      for (const [phone, position] of after) {
        const { messages, last } = await this.sandbox.ask('GET', `/phones/${phone}/messages?after=${position}&limit=${PAGE}`);
        after.set(phone, last);
        for (const { text, fromMe, copies } of messages) {
          if (!fromMe && text?.startsWith(prefix)) texts.set(text, (texts.get(text) ?? 0) + copies);
        }
      }
      if (texts.size >= wanted || Date.now() > ends) break;
    }
    const doubled = [...texts.values()].filter((copies) => copies > 1).length;
    return { messages: texts.size, missing: wanted - texts.size, doubled };
  }

  async history({ numbers, chats, messages, concurrency = 1 }) {
    const began = Date.now();
    const past = { chats, messagesPerChat: messages, days: 60, seed: 1 };
    const added = await this.link({ numbers: this.numbers.length + numbers, concurrency, past });
    const wanted = numbers * chats * messages;
    const reported = () => sum(added, ({ history }) => history);
    const quiet = () => Date.now() - Math.max(began, ...added.map(({ lastHistory }) => lastHistory));
    while (reported() < wanted && quiet() < HISTORY_MS) await sleep(LOOK_MS);
    this.tell({ phase: 'history', numbers, chats, messages: reported(), missing: wanted - reported(), seconds: since(began) });
  }

  async makeFriends(count) {
    const phones = Array.from({ length: count }, (_, index) => counted(this.friends, index));
    await inParallel(phones.slice(this.friendsMade), 16, (phone) => this.sandbox.ask('POST', '/phones', { phone }));
    this.friendsMade = Math.max(this.friendsMade, count);
    return phones;
  }
}

/** Takes the items one after the other, so many at once; the results in the items' order. */
export async function inParallel(items, workers, act) {
  const results = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, work));
  return results;
}

const counted = (first, index) => `+${BigInt(first.slice(1)) + BigInt(index)}`;
const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);
const since = (began) => (Date.now() - began) / 1000;
