// A process that verifies: at a steady rate, each asked when it is due however late the ones before
// are, or as fast as it goes. Tokens of the campus are good, strangers' are not, and of those that
// others make and revoke meanwhile it is told.
// usage, by fork: verify.mjs {at, good, from, rate or connections}
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { wellFormed } from '../campus.mjs';
import { Wires, now, pause, shortId } from './asking.mjs';
import { Report, workerSettings } from './report.mjs';

const { at, good: list, rate, connections, from } = workerSettings();
const good = readFileSync(list, 'utf8').trim().split('\n');
const report = new Report();
const wires = new Wires(at, `${from}1`);
/** One address may send sixty unknown ones a minute. */
const strangers = Array.from({ length: 60 }, (_, n) => new Wires(at, `${from}${n + 10}`));

/** Those that others have made, the newest last, and those of them whose end was acknowledged. */
const made = [];
const revoked = [];
process.on('message', ({ token, stage }) => {
  if (!token) return;
  const to = stage === 'made' ? made : revoked;
  to.push(token);
  if (to.length > 300) to.shift();
});

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const unknown = () =>
  wellFormed(`latchkey_${[...randomBytes(30)].map((byte) => alphabet[byte % 62]).join('')}`);
const one = (all) => all[Math.floor(Math.random() * all.length)];

/** One question: of which kind, and what must come of it. */
async function question(turn) {
  const kind = turn % 20;
  if (kind === 0 && (rate || turn % 100 === 0)) {
    const answer = await one(strangers).verify(unknown());
    report.held('an unknown token is never let in', answer, answer.status === 401, 'unknown');
    return answer;
  }
  if (kind < 3 && revoked.length) {
    const token = kind === 1 ? revoked.at(-1) : one(revoked);
    const answer = await wires.verify(token);
    const check = 'a token whose end was acknowledged is never let in';
    report.held(check, answer, answer.status === 401, `token ${shortId(token)}`);
    return answer;
  }
  if (rate && kind < 6 && made.length) {
    const token = kind === 3 ? made.at(-1) : one(made);
    const answer = await wires.verify(token);
    const check = 'a token verifies from when it was made until it was ended';
    if (answer.status === 200 || answer.status === 401)
      report.seen(check, shortId(token), answer.status === 200, answer, 'GET /auth/verify');
    else report.held(check, answer, false, `token ${shortId(token)}`);
    return answer;
  }
  const token = one(good);
  const answer = await wires.verify(token);
  report.held('a good token verifies', answer, answer.status === 200, `token ${shortId(token)}`);
  return answer;
}

async function steadily() {
  const gap = 1000 / rate;
  const began = now();
  for (let turn = 0; !report.isOver; turn++) {
    const due = began + turn * gap;
    const early = due - now();
    if (early >= 1) await pause(Math.floor(early));
    question(turn).then(({ status, lost, sent, answered }) => {
      if (!lost && status !== 503) report.sample('steady', due, answered - Math.min(due, sent));
    });
  }
}

async function asFastAsItGoes(first) {
  for (let turn = first; !report.isOver; turn++) {
    const { lost, status } = await question(turn);
    if (lost || status === 503) await pause(20);
    else report.count('fast');
  }
}

if (rate) report.until(steadily());
else for (let n = 0; n < connections; n++) report.until(asFastAsItGoes(n * 7));
