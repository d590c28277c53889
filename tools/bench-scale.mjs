// What Latchkey is like with ever more people: fills a store of each size, asks everything of it
// that grows with a campus if anything does, and writes docs/operations/scale.md's table: each size
// relative to the smallest. usage: node tools/bench-scale.mjs LATCHKEY TESTKIT SIZE...
// SCALE_FOLDER: where the stores are made; KEEP=1 leaves them there, and takes those that are.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as campus from './campus.mjs';
import { UNHINDERED, filled, grouped, quantile, say, verifyByWrk, wellFormed } from './campus.mjs';

const [latchkey, testkit, ...sizes] = process.argv.slice(2);
const folder = process.env.SCALE_FOLDER ?? mkdtempSync(join(tmpdir(), 'latchkey-scale-'));
const TIMES = Number(process.env.TIMES ?? 100);
const SECONDS = Number(process.env.SECONDS_EACH ?? 4);
/**
 * Less work than this in a second is none: in a store that is being put in order, and in one whose
 * ids have all been read since the start, which takes a tenth of a core for some minutes.
 */
const [ORDERLY, IDLE] = [0.3, 0.05];
/** A store is at rest after so many seconds without work, and has so many to come to it. */
const [QUIET, LONGEST_WAIT] = [5, 1800];
/** Units of a process's times in /proc, a second. */
const TICKS = 100;
/** Tokens that are asked about: in turn, of people from all over the campus. */
const TOKENS = 20_000;

const running = new Set();
const clean = () => {
  for (const child of running) child.kill('SIGTERM');
  if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
};
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Starts the desk; how long that took until it answered. */
async function start(at) {
  const env = Object.entries(UNHINDERED).map(([name, value]) => `--env=${name}=${value}`);
  const began = performance.now();
  const child = spawn(
    testkit,
    ['--demo', '--folder', at, '--store', `rocksdb://${join(at, 'store')}`, ...env],
    { env: { ...process.env, LATCHKEY_BIN: latchkey }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  running.add(child);
  let output = '';
  await new Promise((listening, failed) => {
    child.stdout.on('data', (bytes) => {
      output += bytes;
      if (output.includes('\n')) listening();
    });
    child.once('exit', (code) => failed(new Error(`ended early (${code})`)));
  });
  const took = performance.now() - began;
  const { url, pid } = JSON.parse(output);
  const desk = { child, url, pid, took, agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
  while ((await ask(desk, 'GET', '/readyz')).status !== 200);
  return desk;
}

async function stop(desk) {
  desk.agent.destroy();
  desk.child.removeAllListeners('exit');
  const gone = once(desk.child, 'exit');
  desk.child.kill('SIGTERM');
  await gone;
  running.delete(desk.child);
}

/** One request; its status, its body, the session's cookie if it got a new one, and how long. */
function ask(desk, method, path, { fields, cookie, headers = {} } = {}) {
  const body = fields && new URLSearchParams(fields).toString();
  const all = { ...headers };
  if (cookie) all.cookie = cookie;
  if (body)
    Object.assign(all, {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      'sec-fetch-site': 'same-origin',
    });
  else all.accept ??= 'text/html';
  return new Promise((done, failed) => {
    const began = performance.now();
    const sent = request(
      new URL(path, desk.url),
      { method, headers: all, agent: desk.agent },
      (answer) => {
        const parts = [];
        answer.on('data', (bytes) => parts.push(bytes));
        answer.on('end', () => {
          const set = answer.headers['set-cookie']?.find((one) => one.startsWith('latchkey='));
          done({
            status: answer.statusCode,
            ms: performance.now() - began,
            body: Buffer.concat(parts).toString('latin1'),
            cookie: set?.split(';')[0],
          });
        });
      },
    );
    sent.on('error', failed);
    sent.end(body);
  });
}

async function logIn(desk, netid) {
  const fields = { netid, password: `${netid}-netid-password`, next: '' };
  const answer = await ask(desk, 'POST', '/fn/log_in', { fields });
  if (answer.status !== 200 || !answer.cookie) throw new Error(`log-in: ${answer.status}`);
  return answer;
}

/** Asks again and again, and answers how long it took each time. */
async function times(one, many = TIMES) {
  await one(0);
  const took = [];
  for (let n = 1; n <= many; n++) took.push(await one(n));
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

const page = (desk, cookie, path) =>
  times(async () => {
    const answer = await ask(desk, 'GET', path, { cookie });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    return answer.ms;
  });

const verify = (desk, tokens, how) =>
  verifyByWrk(folder, desk.url, tokens, { seconds: SECONDS, ...how });

const resident = (desk) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${desk.pid}/status`, 'utf8'))[1]) / 1024;
const disk = (at) =>
  Number(execFileSync('du', ['-sm', join(at, 'store')], { encoding: 'utf8' }).split('\t')[0]);

/** How long a process has worked so far, in seconds of one processor. */
const worked = (desk) => {
  const fields = readFileSync(`/proc/${desk.pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

/** Until no more than that goes on at a desk by itself. */
async function atRest(desk, work) {
  let [before, quiet] = [worked(desk), 0];
  for (let tries = 0; quiet < QUIET && tries < LONGEST_WAIT; tries++) {
    await setTimeout(1000);
    const now = worked(desk);
    quiet = now - before < work ? quiet + 1 : 0;
    before = now;
  }
  if (quiet < QUIET) throw new Error('the store does not come to rest');
}

/** Until a store that was filled or written to is in order. */
async function inOrder(at) {
  const desk = await start(at);
  await atRest(desk, ORDERLY);
  await stop(desk);
}

/** A well-formed token that is nobody's. */
const stranger = 'latchkey_' + '0'.repeat(30);

const SEARCHES = ['sch', 'ana', 'smith', 'ana smith', 'garcia example', 'm', 'zimmermann zoe'];
const AUDIT = {
  'no filter': '',
  'an actor who did much': 'actor=(ldap)',
  'an actor and a frequent action': 'actor=(ldap)&action=user.create',
  'an actor and a rare action': 'actor=(ldap)&action=user.role',
  'an action': 'action=log-in',
  'an action that was refused': 'action=log-in&outcome=refused',
  'what was refused': 'outcome=refused',
  'dates': 'from=2024-01-01&to=2024-01-02',
};

/** Of everybody's tokens: what all have, some, hardly any, and what nobody has. */
const TOKEN_FILTERS = {
  'no filter': '',
  'never used': 'never_used=1',
  'expired or idle': 'expired=1&idle=365',
  'those that end soon': 'expiring=7',
  'full, of administrators': 'full=1&role=admin',
};

/** All that is measured at one size: name, value, unit. */
async function measured(people) {
  const { at, tokens, took } = filled(latchkey, folder, people, TOKENS);
  const found = [];
  const note = (what, unit, value) => {
    found.push({ what, unit, value });
    say(`${people}: ${what}: ${value.toFixed(1)} ${unit}`);
  };
  note('filling the store', 's', took);
  say(`${people}: waiting until the store is in order`);
  await inOrder(at);
  note('disk', 'MB', disk(at));
  const starts = [];
  for (let n = 0; n < 3; n++) {
    const desk = await start(at);
    starts.push(desk.took);
    await stop(desk);
  }
  let desk = await start(at);
  starts.push(desk.took);
  note('start to ready', 'ms', quantile(starts, 0.5));
  note('resident after the start', 'MB', resident(desk));
  // None of them comes twice in that time.
  const cold = await verify(desk, tokens, { seconds: 2 });
  note('verify, tokens not in memory', '/s', cold.rate);
  note('verify, tokens not in memory, 99 %', 'ms', cold.p99);
  await verify(desk, tokens, { seconds: 12 });
  note('verify, 20 000 tokens in memory', '/s', (await verify(desk, tokens)).rate);
  note('verify, one token', '/s', (await verify(desk, tokens.slice(0, 1))).rate);
  const unknown = [wellFormed(stranger)];
  note('verify, an unknown token', '/s', (await verify(desk, unknown, { refused: true })).rate);
  await stop(desk);
  // The counts of verify are written to the store for a while, and ids are read: pages are asked of
  // a quiet one.
  desk = await start(at);
  say(`${people}: waiting until all ids are read`);
  await atRest(desk, IDLE);
  note('log-in', 'ms', (await times(async () => (await logIn(desk, 'sam')).ms, 20)).p50);
  const ada = (await logIn(desk, 'ada')).cookie;
  let worst = 0;
  for (const query of SEARCHES) {
    const path = `/admin/users?q=${encodeURIComponent(query)}`;
    const { p50, p99 } = await page(desk, ada, path);
    note(`Select User: \`${query}\``, 'ms', p50);
    worst = Math.max(worst, p99);
  }
  note(`Select User, the slowest of ${TIMES}`, 'ms', worst);
  const list = (await ask(desk, 'GET', '/admin/users?q=smith', { cookie: ada })).body;
  const somebody = /\/admin\/users\/([a-z0-9.-]+)"/.exec(list.split('</form>').at(-1))?.[1];
  note('a user’s page', 'ms', (await page(desk, ada, `/admin/users/${somebody}`)).p50);
  note('Auth Tokens', 'ms', (await page(desk, ada, '/settings/auth-tokens')).p50);
  note('Activity', 'ms', (await page(desk, ada, '/settings/activity')).p50);
  for (const [what, query] of Object.entries(AUDIT))
    note(`audit: ${what}`, 'ms', (await page(desk, ada, `/admin/audit?${query}`)).p50);
  for (const [what, query] of Object.entries(TOKEN_FILTERS))
    note(`Tokens: ${what}`, 'ms', (await page(desk, ada, `/admin/tokens?${query}`)).p50);
  await making(desk, note);
  note('resident after all of that', 'MB', resident(desk));
  await stop(desk);
  return found;
}

/** Making tokens, and revoking them. */
async function making(desk, note) {
  let { cookie } = await logIn(desk, 'tia');
  const made = [];
  const post = async (path, fields) => {
    const answer = await ask(desk, 'POST', path, { fields, cookie });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    cookie = answer.cookie ?? cookie;
    return answer;
  };
  const create = async (n) => {
    const form = randomBytes(16).toString('hex');
    const fields = { form, description: `Measured ${n}`, expires: '30', access: 'full' };
    if (n === 0) fields.own_password = 'tia-local-password';
    const answer = await post('/fn/create_token', fields);
    made.push(/latchkey_[0-9A-Za-z]{36}/.exec(answer.body)[0]);
    return answer.ms;
  };
  note('making a token', 'ms', (await times(create)).p50);
  const ids = made.map((token) => createHash('sha256').update(token).digest('hex'));
  const revoke = async (n) => (await post('/fn/revoke_token', { id: ids[n] })).ms;
  note('revoking a token', 'ms', (await times(revoke, ids.length - 1)).p50);
}

const columns = [];
for (const people of sizes.map(Number)) columns.push({ people, found: await measured(people) });
const table = written(columns);
console.log(table);
const file = join(import.meta.dirname, '../docs/operations/scale.md');
campus.written(file, 'table', table);
process.exit(0);

/** The smallest size in its units, the others as so many times that. */
function written(columns) {
  const [first, ...others] = columns;
  const head = [
    'what',
    `${grouped(first.people)} people`,
    ...others.map(({ people }) => grouped(people)),
  ];
  const digits = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  const rows = first.found.map(({ what, unit, value }, n) => [
    what,
    `${digits(value)} ${unit}`.replace(' /s', '/s'),
    ...others.map(({ found }) => `× ${(found[n].value / value).toFixed(2)}`),
  ]);
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
