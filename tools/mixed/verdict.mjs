// What all processes of a run have told, and what comes of it: how often each check held, and every
// wrong answer with its request.
import { auditFaults, mayBe, newToken, notNow, undelivered } from './truth.mjs';

/** Within how many milliseconds a stream tells of a change. */
const LIVE_WITHIN = 10_000;

/** What every run must have looked at. */
const EXPECTED = [
  'a good token verifies',
  'an unknown token is never let in',
  'a token verifies from when it was made until it was ended',
  'a token whose end was acknowledged is never let in',
  'a token is made',
  'a token is renewed',
  'a token is revoked',
  'a password is set',
  'a password is changed',
  'a wrong local password changes nothing',
  'a wrong password never logs in',
  'the right password logs in',
  'who has logged in is in',
  'a log-out is done',
  'who has logged out is out',
  'a page is there and is the right one',
  'a page shows what was acknowledged',
  'a live stream stays open',
  'a live stream tells of changes',
  'a stop takes no more than ten seconds',
  'the audit’s chains hold',
  'each acknowledged change has its row in the audit, once',
  'a backup is whole',
  'a restored backup answers as at its moment',
];

export class Verdict {
  held = new Map(EXPECTED.map((check) => [check, 0]));
  wrong = [];
  notNow = new Map();
  samples = { steady: [], pages: [] };
  /** Answers a second of what is only counted: [when, how many]. */
  fast = [];
  tokens = new Map();
  deeds = [];
  #doubts = [];
  #seen = [];
  #streams = new Map();

  /** What a process tells; `tokens`: called with those that were made or ended. */
  take(batch, when, tokens) {
    for (const [check, times] of Object.entries(batch.held)) this.hold(check, times);
    for (const [why, times] of Object.entries(batch.notNow)) this.#later(why, times);
    if (batch.counts.fast) this.fast.push([when, batch.counts.fast]);
    for (const [kind, all] of Object.entries(batch.samples)) this.samples[kind].push(...all);
    this.#doubts.push(...batch.doubts);
    this.#seen.push(...batch.seen);
    this.deeds.push(...batch.deeds);
    for (const entry of batch.history) {
      const { id, owner, token, stage, requested, acknowledged, by } = entry;
      if (!this.tokens.has(id)) this.tokens.set(id, newToken({ id, owner, token }));
      const at = this.tokens.get(id)[stage];
      at.requested ??= requested;
      at.acknowledged ??= acknowledged;
      at.by ??= by;
      if (acknowledged !== undefined) tokens({ token, stage });
    }
    for (const { key, opened, closed, event } of batch.streams) {
      if (!this.#streams.has(key)) this.#streams.set(key, { events: [] });
      const stream = this.#streams.get(key);
      stream.opened ??= opened;
      stream.closed ??= closed;
      if (event !== undefined) stream.events.push(event);
    }
  }

  hold(check, times = 1) {
    this.held.set(check, (this.held.get(check) ?? 0) + times);
  }

  fail(check, about) {
    if (!this.held.has(check)) this.held.set(check, 0);
    this.wrong.push(`${check}: ${about}`);
  }

  /** One thing that is so, or is not. */
  look(check, isSo, about) {
    if (isSo) this.hold(check);
    else this.fail(check, about);
  }

  #later(why, times = 1) {
    this.notNow.set(why, (this.notNow.get(why) ?? 0) + times);
  }

  /** Once nobody asks any more. */
  judge(away, began) {
    const at = (ms) => `${((ms - began) / 1000).toFixed(2)} s`;
    for (const { check, about, ...answer } of this.#doubts) {
      const why = notNow(answer, away);
      const how = answer.lost ? `lost (${answer.lost})` : `answered ${answer.status}`;
      if (why) this.#later(why);
      else this.fail(check, `${about}: sent ${at(answer.sent)}, ${at(answer.answered)} ${how}`);
    }
    for (const seen of this.#seen) this.#judgeSeen(seen, at);
    this.#judgeStreams();
  }

  #judgeSeen({ check, id, isIn, sent, answered, about }, at) {
    if (id) {
      const isRight = mayBe(this.tokens.get(id) ?? newToken({}), isIn, sent, answered);
      const how = isIn ? 'let in' : 'refused';
      this.look(check, isRight, `${about}: token ${id} ${how}, ${at(sent)} to ${at(answered)}`);
      return;
    }
    const own = [...this.tokens.values()].filter(({ owner }) => owner === about.owner);
    if (about.audit) {
      // The newest rows are on the page: of those that are certain the newest is looked for.
      const made = own.filter(({ made }) => made.acknowledged < sent && made.by === 'create');
      const newest = made.sort((one, other) => other.made.acknowledged - one.made.acknowledged)[0];
      if (!newest) return;
      const isThere = about.audit.includes(newest.id);
      this.look(check, isThere, `${about.path}: no row of ${newest.id}, ${at(sent)}`);
      return;
    }
    for (const token of own) {
      const isShown = about.working.includes(token.id);
      if (mayBe(token, isShown, sent, answered)) continue;
      const how = isShown ? 'shown as working' : 'not shown as working';
      this.fail(check, `${about.path}: ${token.id} ${how}, ${at(sent)} to ${at(answered)}`);
    }
    this.hold(check);
  }

  #judgeStreams() {
    const streams = [...this.#streams.values()].filter(({ opened }) => opened !== undefined);
    const open = streams.filter(({ closed }) => closed === undefined).length;
    this.hold('a live stream stays open', open);
    const changes = [...this.tokens.values()]
      .filter(({ owner }) => owner === 'tia')
      .flatMap(({ id, made, ended }) => [
        { ...made, what: `the making of ${id}` },
        { ...ended, what: `the end of ${id}` },
      ])
      .filter(({ acknowledged }) => acknowledged !== undefined);
    const { delivered, faults } = undelivered(changes, streams, LIVE_WITHIN);
    const check = 'a live stream tells of changes';
    this.hold(check, delivered);
    for (const fault of faults) this.fail(check, fault);
  }

  /** The rows of the audit since the run began, against all that was acknowledged. */
  judgeAudit(rows) {
    const check = 'each acknowledged change has its row in the audit, once';
    this.hold(check, this.deeds.filter(({ acknowledged }) => acknowledged).length);
    const faults = auditFaults(rows, [...this.tokens.values()], this.deeds);
    for (const fault of faults) this.fail(check, fault);
  }

  /** A sample in a restored backup: as it was at its moment, which ended at the latest then. */
  judgeRestored(token, status, moment, until) {
    const check = 'a restored backup answers as at its moment';
    if (status !== 200 && status !== 401) return this.fail(check, `answered ${status}`);
    const isRight = mayBe(token, status === 200, moment, until);
    return this.look(check, isRight, `token ${token.id}: ${status}`);
  }

  /** So many wrong answers of each check, and how many more there were. */
  worst(most) {
    const counted = new Map();
    const listed = this.wrong.filter((one) => {
      const check = one.split(': ')[0];
      counted.set(check, (counted.get(check) ?? 0) + 1);
      return counted.get(check) <= most;
    });
    const more = [...counted].filter(([, times]) => times > most);
    return [...listed, ...more.map(([check, times]) => `${check}: ${times - most} more`)];
  }

  /** Checks that held, and wrong answers: a check that nothing was asked for holds nothing. */
  counts() {
    const failing = new Set(this.wrong.map((one) => one.split(': ')[0]));
    const empty = [...this.held].filter(([check, times]) => !times && !failing.has(check));
    for (const [check] of empty) this.wrong.push(`${check}: nothing was asked`);
    const passed = this.held.size - failing.size - empty.length;
    return { passed, failed: this.wrong.length };
  }
}
