// The sandbox's control API.
import { setTimeout as sleep } from 'node:timers/promises';

const AGAIN_MS = 30;
const PATIENCE_MS = 30_000;

export class Sandbox {
  constructor(url) {
    this.url = url.replace(/\/$/, '');
  }

  async ask(method, path, body) {
    const answer = await fetch(this.url + path, { method, body: body && JSON.stringify(body) });
    const text = await answer.text();
    const told = text ? JSON.parse(text) : null;
    if (!answer.ok) throw Object.assign(new Error(told?.message ?? `status ${answer.status}`), { code: told?.error });
    return told;
  }

  /** Asks again while the answer is one of these errors. */
  async again(errors, ...request) {
    for (const ends = Date.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
      try {
        return await this.ask(...request);
      } catch (error) {
        if (!errors.includes(error.code) || Date.now() > ends) throw error;
      }
    }
  }
}
