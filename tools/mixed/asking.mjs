// How the processes of a mixed run ask: verify on connections that stay open, as proxies do, and
// forms and pages on one each.
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';

/** Of this machine's clock, in milliseconds: the same in every process. */
export const now = () => performance.timeOrigin + performance.now();
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** How long anybody waits for an answer. */
const ANSWER_TIMEOUT = 30_000;

/** Of a token: as the audit and the pages name it, the beginning of its id. */
export const idOf = (token) => createHash('sha256').update(token).digest('hex');
export const shortId = (token) => idOf(token).slice(0, 16);

/** One connection for verify, from an address of this machine. */
class Wire {
  constructor({ host, port }, from) {
    Object.assign(this, { host, port, from });
  }

  verify(authorization) {
    const isReused = Boolean(this.socket);
    const first = this.#once(authorization);
    // A server may close what lies idle while the next request is on its way to it.
    return first.then((answer) =>
      isReused && answer.lost && !answer.began ? this.#once(authorization) : answer,
    );
  }

  #once(authorization) {
    return new Promise((done) => {
      const socket = (this.socket ??= this.#open());
      let received = '';
      const end = (answer) => {
        socket.removeAllListeners('data');
        clearTimeout(timer);
        this.waiting = undefined;
        done(answer);
      };
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), ANSWER_TIMEOUT);
      this.waiting = (error) => end({ lost: error?.code ?? 'closed', began: received !== '' });
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1');
        const head = received.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
        if (received.length >= head + 4 + length) end({ status: Number(received.slice(9, 12)) });
      });
      const lines = ['GET /auth/verify HTTP/1.1', `host: ${this.host}`];
      if (authorization) lines.push(`authorization: ${authorization}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
  }

  #open() {
    const socket = connect({ host: this.host, port: this.port, localAddress: this.from });
    socket.setNoDelay(true);
    let failed;
    socket.on('error', (error) => {
      failed = error;
    });
    socket.on('close', () => {
      if (this.socket === socket) this.socket = undefined;
      this.waiting?.(failed);
    });
    return socket;
  }
}

/** Connections from one address: as many as are waited for at a time. */
export class Wires {
  #idle = [];

  constructor(at, from) {
    Object.assign(this, { at, from });
  }

  /** {status} or {lost}, with when it was sent and answered. */
  async verify(token) {
    const wire = this.#idle.pop() ?? new Wire(this.at, this.from);
    const sent = now();
    const { status, lost } = await wire.verify(`token ${token}`);
    const answered = now();
    this.#idle.push(wire);
    return { status, lost, sent, answered };
  }
}

/** One request for a page, or a form that is sent: {status, body, cookie} or {lost}. */
export function ask({ host, port }, method, path, { fields, cookie } = {}) {
  const body = fields && new URLSearchParams(fields).toString();
  const headers = body
    ? {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        'sec-fetch-site': 'same-origin',
      }
    : { accept: 'text/html' };
  if (cookie) headers.cookie = cookie;
  return new Promise((done) => {
    const sent = now();
    const end = (answer) => done({ ...answer, sent, answered: now() });
    const asking = request({ host, port, method, path, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (bytes) => parts.push(bytes));
      answer.on('error', (error) => end({ lost: error.code ?? 'closed' }));
      answer.on('end', () => {
        const set = answer.headers['set-cookie']?.find((one) => one.startsWith('latchkey='));
        const body = Buffer.concat(parts).toString();
        end({ status: answer.statusCode, body, cookie: set?.split(';')[0] });
      });
    });
    asking.setTimeout(ANSWER_TIMEOUT, () => asking.destroy(new Error('no answer')));
    asking.on('error', (error) => end({ lost: error.code ?? 'closed' }));
    asking.end(body);
  });
}

/** Somebody with a session, who asks again while the server is away. */
export class Person {
  constructor(at, netid, report) {
    Object.assign(this, { at, netid, report });
    this.own = `${netid}-local-password`;
  }

  /** Logs in, however long that takes; each answer is noted. */
  async logIn() {
    const fields = { netid: this.netid, password: `${this.netid}-netid-password`, next: '' };
    for (;;) {
      const answer = await ask(this.at, 'POST', '/fn/log_in', { fields });
      const isIn = answer.status === 200 && answer.cookie;
      if (answer.lost || answer.status >= 500) this.report.deed(this, 'log-in', this.netid, false);
      if (isIn) this.report.deed(this, 'log-in', this.netid, true);
      this.report.held('the right password logs in', answer, isIn, this.netid);
      if (isIn) return void (this.cookie = answer.cookie);
      await pause(250);
    }
  }

  /** A page, as this person sees it; logs in first where there is no session yet. */
  async page(path) {
    if (!this.cookie) await this.logIn();
    return ask(this.at, 'GET', path, { cookie: this.cookie });
  }

  /**
   * Sends a form until it is known what became of it: {status, body, first: when it was sent}. The
   * same form sent again says by 409 that it had been done, whose first answer was lost.
   */
  async post(path, fields, what) {
    if (!this.cookie) await this.logIn();
    const form = randomBytes(16).toString('hex');
    const first = now();
    let isDoubtful = false;
    for (;;) {
      const all = { ...fields, form };
      const answer = await ask(this.at, 'POST', path, { fields: all, cookie: this.cookie });
      if (answer.cookie) this.cookie = answer.cookie;
      const isDone = answer.status === 200 || (isDoubtful && answer.status === 409);
      // The answer with the session's new id was lost.
      const isOut = isDoubtful && answer.status === 401;
      this.report.held(what, answer, isDone || isOut, `${path} by ${this.netid}`);
      if (isDone) {
        // The lost answer may have had a new id of the session: the old one ends in ten seconds.
        if (isDoubtful && !answer.cookie) this.cookie = undefined;
        return { ...answer, first };
      }
      if (isOut) await this.logIn();
      else if (answer.lost || answer.status >= 500) isDoubtful = true;
      else if (answer.status !== 429) {
        if (answer.status === 401) this.cookie = undefined;
        return { ...answer, first };
      }
      await pause(250);
    }
  }
}
