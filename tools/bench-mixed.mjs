// Everything at once, on the real program, while it is backed up, stopped and killed: every answer
// is held against what was acknowledged, and docs/operations/mixed.md tells what it was like.
// usage: node tools/bench-mixed.mjs LATCHKEY TESTKIT [--backup-beside-verify]; by the environment
// MINUTES=10, PEOPLE=10000, SEED, RATE=200 (verify a second), CONNECTIONS=4 (verify as fast as it
// goes), SCALE_FOLDER and KEEP=1 as tools/bench-scale has them, ONLY_CHECKS=1 to write nothing.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filled, say, wellFormed } from './campus.mjs';
import { Person, Wires, ask, now, pause, shortId } from './mixed/asking.mjs';
import { besideVerify } from './mixed/beside.mjs';
import { Desk } from './mixed/desk.mjs';
import { recorded } from './mixed/record.mjs';
import { newToken, plan } from './mixed/truth.mjs';
import { Verdict } from './mixed/verdict.mjs';

const [latchkey, testkit, ...flags] = process.argv.slice(2);
const isBeside = flags.includes('--backup-beside-verify');
const {
  MINUTES = '10',
  PEOPLE = isBeside ? '100000' : '10000',
  SEED = String(Date.now() % 1e6),
  RATE = '200',
  CONNECTIONS = '4',
} = process.env;
const seconds = Math.round(Number(MINUTES) * 60);
const seed = Number(SEED);
const folder = process.env.SCALE_FOLDER ?? mkdtempSync(join(tmpdir(), 'latchkey-mixed-'));
/** How long a snapshot is taken at the most after the moment that a backup names. */
const SNAPSHOT_WITHIN = 5_000;
/** Wrong answers of each check that are printed. */
const MAX_PRINTED = 20;
/** Tokens that a restored store is asked about, beside all that were made in the run. */
const SAMPLE = 200;

const desks = new Set();
const workers = new Set();
const clean = () => {
  for (const worker of workers) worker.kill('SIGKILL');
  for (const desk of desks) desk.clean();
  if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
};
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const { at: where, tokens } = filled(latchkey, folder, Number(PEOPLE), 20_000);
const scheduled = join(where, 'scheduled');
rmSync(scheduled, { recursive: true, force: true });
mkdirSync(scheduled, { mode: 0o700 });

const opened = (store, place, settings) => {
  const desk = new Desk({ latchkey, testkit, folder: place, store, settings });
  desks.add(desk);
  return desk;
};

const verdict = new Verdict();
if (isBeside) {
  const desk = opened(`rocksdb://${join(where, 'store')}`, where);
  await besideVerify({ desk, folder, tokens, people: Number(PEOPLE), verdict });
} else await mixed();

const { passed, failed } = verdict.counts();
for (const wrong of verdict.worst(MAX_PRINTED)) say(`WRONG: ${wrong}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

async function mixed() {
  const desk = opened(`rocksdb://${join(where, 'store')}`, where, {
    LATCHKEY_BACKUP_TO: scheduled,
    LATCHKEY_BACKUP_HOURS: '1',
  });
  say(`seed ${seed}: ${PEOPLE} people, ${seconds} seconds`);
  await desk.start();
  const began = now();
  const people = await somePeople(desk);
  const working = started(desk, people);
  const sampling = setInterval(() => desk.sample(), 1000);
  const events = await happening(desk, began);
  await pause(Math.max(0, began + seconds * 1000 - now()));
  clearInterval(sampling);
  await Promise.all(working.map(finished));
  const ended = now();
  await stopped(desk, 'SIGTERM');
  verdict.judge(desk.away, began);
  await audited(desk, began);
  const backups = await whole(desk, events, began);
  await restored(backups);
  recorded({ verdict, desk, events, backups, began, ended, seconds, seed, people: PEOPLE, RATE });
}

/** Staff of the campus who may have a local password, by Select User. */
async function somePeople(desk) {
  const helen = new Person(desk.at, 'helen', { held() {}, deed: noted });
  const found = [];
  for (const query of ['ana', 'smith', 'm']) {
    const { body } = await helen.page(`/admin/users?q=${query}`);
    const rows = body.split('<tr>').slice(1);
    for (const row of rows) {
      const [, netid] = /href="\/admin\/users\/([a-z0-9.-]+)"/.exec(row) ?? [];
      const name = /data-label="Name">.*?<\/td>/.exec(row)?.[0] ?? 'badge';
      if (netid && !name.includes('badge') && row.includes('"Role">Staff<')) found.push(netid);
    }
  }
  return [...new Set(found)];
}

function noted({ netid }, action, subject, acknowledged) {
  verdict.deeds.push({ actor: netid, action, subject, acknowledged });
}

/** The processes that ask, each told of tokens that others make and end. */
function started(desk, netids) {
  const good = join(where, 'tokens');
  const { at } = desk;
  const settings = [
    ['verify', { at, good, rate: Number(RATE), from: '127.0.1.' }],
    ['verify', { at, good, connections: Number(CONNECTIONS), from: '127.0.2.' }],
    ['people', { at, seed: seed + 100, netids }],
    ['pages', { at, seed: seed + 200, netids }],
  ];
  const all = settings.map(([name, given]) => {
    const program = join(import.meta.dirname, 'mixed', `${name}.mjs`);
    const worker = fork(program, [JSON.stringify(given)]);
    worker.once('exit', (code) => {
      workers.delete(worker);
      if (code) verdict.fail('the processes that ask go on', `${name} ended with ${code}`);
    });
    workers.add(worker);
    return worker;
  });
  for (const worker of all)
    worker.on('message', (batch) =>
      verdict.take(batch, now(), (token) => {
        for (const verifies of all.slice(0, 2)) if (verifies.connected) verifies.send(token);
      }),
    );
  return all;
}

/** Whoever asks has their answer, and says so. */
function finished(worker) {
  if (!worker.connected) return undefined;
  const gone = new Promise((done) => worker.once('disconnect', done));
  worker.send({ end: true });
  return Promise.race([gone, pause(60_000)]).then(() => worker.kill('SIGKILL'));
}

async function stopped(desk, signal) {
  const took = await desk.end(signal);
  if (signal === 'SIGTERM') {
    const check = 'a stop takes no more than ten seconds';
    verdict.look(check, took < 10_000, `${Math.round(took)} ms`);
  }
}

/** What happens to the server, at its moments; answers what did: {at (s), kind, ready, backup}. */
async function happening(desk, began) {
  const events = [];
  for (const { at, kind } of plan(seconds, seed)) {
    await pause(Math.max(0, began + at * 1000 - now()));
    const event = { at: (now() - began) / 1000, kind };
    say(`${event.at.toFixed(1)} s: ${kind}`);
    if (kind === 'backup') {
      event.backup = await byHand(desk, join(where, `by-hand-${events.length}.backup`));
      if (!event.backup) continue;
    } else {
      await stopped(desk, kind === 'stop' ? 'SIGTERM' : 'SIGKILL');
      await desk.start();
      event.ready = desk.starts.at(-1).ready;
    }
    events.push(event);
  }
  return events;
}

/** A backup by the command; none: it says that the store is in use. */
async function byHand(desk, file) {
  const { code, err } = await desk.command('backup', file, '--json', '--force');
  if (code === 0) return { file, until: now(), byHand: true };
  if (/in use/.test(err)) say('no backup beside the server by this program: the store is in use');
  else verdict.fail('a backup is made', err.trim());
  return undefined;
}

async function audited(desk, began) {
  const { code, out, err } = await desk.command('audit', 'verify');
  verdict.look('the audit’s chains hold', code === 0, out + err);
  const exported = await desk.command('audit', 'export', '--json');
  verdict.look('the audit is exported', exported.code === 0, exported.err);
  const rows = exported.out.trim().split('\n').map((line) => JSON.parse(line));
  verdict.judgeAudit(rows.filter(({ at }) => Date.parse(at) >= began - 1000));
}

/** Every backup of the run, the oldest first: each is read, and says of which moment it is. */
async function whole(desk, events, began) {
  const all = events.flatMap(({ backup }) => backup ?? []);
  for (const name of readdirSync(scheduled).filter((one) => one.endsWith('.backup')))
    all.push({ file: join(scheduled, name) });
  if (!all.length) {
    say('no backup was made while the server ran: one is made of the store now');
    all.push(await byHand(desk, join(where, 'stopped.backup')));
  }
  const good = [];
  for (const backup of all.filter(Boolean)) {
    const { code, out, err } = await desk.command('backup', 'verify', backup.file, '--json');
    verdict.look('a backup is whole', code === 0, `${backup.file}: ${out}${err}`);
    if (code !== 0) continue;
    const { moment } = JSON.parse(out).header;
    good.push({ ...backup, moment });
    if (!backup.byHand) events.push({ at: (moment - began) / 1000, kind: 'backup', backup });
  }
  return good.sort((one, other) => one.moment - other.moment);
}

/** The one in the middle of them, into another folder: it answers as at its moment. */
async function restored(backups) {
  const backup = backups[Math.floor(backups.length / 2)];
  if (!backup) return;
  const place = join(where, 'restored');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const desk = opened(`rocksdb://${join(place, 'store')}`, place);
  const { code, err } = await desk.command('restore', backup.file);
  verdict.look('a backup is restored', code === 0, err);
  if (code !== 0) return;
  await desk.start();
  // One address may ask about sixty in a minute that are not there.
  let queries = 0;
  const verify = (token) => new Wires(desk.at, `127.0.3.${1 + (queries++ % 250)}`).verify(token);
  const until = Math.min(backup.moment + SNAPSHOT_WITHIN, backup.until ?? Infinity);
  for (const token of verdict.tokens.values()) {
    if (!token.token) continue;
    const { status } = await verify(token.token);
    verdict.judgeRestored(token, status, backup.moment, until);
  }
  for (let n = 0; n < SAMPLE; n++) {
    const token = tokens[Math.floor((n / SAMPLE) * tokens.length)];
    const { status } = await verify(token);
    const known = { ...newToken({ id: shortId(token) }), made: { requested: 0, acknowledged: 0 } };
    verdict.judgeRestored(known, status, backup.moment, until);
  }
  const unknown = await verify(wellFormed(`latchkey_${'0'.repeat(30)}`));
  verdict.look('an unknown token is never let in', unknown.status === 401, 'in the restored store');
  const { status } = await ask(desk.at, 'GET', '/login');
  verdict.look('a restored backup is served', status === 200, `GET /login: ${status}`);
  await desk.end('SIGTERM');
}
