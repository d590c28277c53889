// The server of a mixed run: started by the testkit on a store that is there, stopped, killed, and
// started again at the same address; and what it takes of the machine meanwhile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { UNHINDERED } from '../campus.mjs';
import { ask, now, pause } from './asking.mjs';

/** Every variable but Latchkey's own: none of the caller's settings reaches it. */
export const environment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^LATCHKEY_/.test(name)));

export class Desk {
  /** When it was away: {from, to}. */
  away = [];
  /** {at, ready}: when it listened, and how many milliseconds after the start of the program. */
  starts = [];
  sampled = [];

  constructor({ latchkey, testkit, folder, store, settings = {} }) {
    Object.assign(this, { latchkey, testkit, folder, store });
    this.settings = { ...UNHINDERED, ...settings };
  }

  async start() {
    const env = Object.entries(this.settings).map(([name, value]) => `--env=${name}=${value}`);
    const where = this.at ? ['--listen', `${this.at.host}:${this.at.port}`] : [];
    const began = now();
    const child = spawn(
      this.testkit,
      ['--demo', '--folder', this.folder, '--store', this.store, ...where, ...env],
      { env: { ...environment(), LATCHKEY_BIN: this.latchkey }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.child = child;
    let [output, complained] = ['', ''];
    child.stderr.on('data', (bytes) => {
      complained += bytes;
    });
    await new Promise((listening, failed) => {
      child.stdout.on('data', (bytes) => {
        output += bytes;
        if (output.includes('\n')) listening();
      });
      child.once('exit', (code) => failed(new Error(`no start (${code}): ${complained}`)));
    });
    const { url, pid } = JSON.parse(output);
    this.pid = pid;
    const { hostname, port } = new URL(url);
    this.url = url;
    this.at = { host: hostname, port: Number(port) };
    while ((await ask(this.at, 'GET', '/readyz')).status !== 200) await pause(10);
    this.starts.push({ at: now(), ready: now() - began });
    const away = this.away.at(-1);
    if (away) away.to ??= now();
  }

  /** Ends it by a signal; answers how long that took. */
  async end(signal) {
    const { child } = this;
    child.removeAllListeners('exit');
    const gone = once(child, 'exit');
    this.away.push({ from: now() });
    process.kill(this.pid, signal);
    this.pid = undefined;
    await gone;
    this.child = undefined;
    return now() - this.away.at(-1).from;
  }

  /** Its memory (MB) and its open files, as they are now. */
  sample() {
    if (!this.pid) return;
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const rss = Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
      const files = readdirSync(`/proc/${this.pid}/fd`).length;
      this.sampled.push({ at: now(), rss, files });
    } catch {
      // It ended at this moment.
    }
  }

  /** A command beside it, or with it stopped: {code, out, err}. */
  async command(...args) {
    const child = spawn(this.latchkey, [...args, '--demo', '--store', this.store], {
      cwd: this.folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    const [code] = await once(child, 'close');
    return { code, out, err };
  }

  /** At the end of everything, however that comes. */
  clean() {
    this.child?.kill('SIGTERM');
  }
}
