// A process of people: they make, renew and revoke tokens, set and change passwords, log in and
// out, and watch what changes. Each asks for one thing after the other, and again where the server
// is away. usage, by fork: people.mjs {at, seed, netids}
import { request } from 'node:http';
import { Person, ask, idOf, now, pause, shortId } from './asking.mjs';
import { Report, workerSettings } from './report.mjs';
import { random } from './truth.mjs';

const { at, seed, netids } = workerSettings();
const report = new Report();
const ENOUGH = 10;
const THEIRS = 'tia';

/** Makes, renews and revokes tokens of their own. */
async function makes(netid, seed) {
  const draws = random(seed);
  const person = new Person(at, netid, report);
  const working = [];
  for (let n = 1; !report.isOver; n++) {
    const what = draws.below(10);
    const which = draws.below(working.length || 1);
    if (working.length < 3 || (what < 4 && working.length < ENOUGH))
      await create(person, working, `${netid} ${n}`);
    else if (what < 7) await renew(person, working, which);
    else await revoke(person, working, which);
    await pause(500 + draws.below(1000));
  }
}

const secretOf = ({ body }) => /latchkey_[0-9A-Za-z]{36}/.exec(body)?.[0];

/** A token whose secret was told; without one (it was lost with its answer) nobody knows it. */
function keep(person, working, answer, by) {
  const token = answer.status === 200 ? secretOf(answer) : undefined;
  if (!token) return;
  working.push(token);
  const [id, owner] = [shortId(token), person.netid];
  const times = { requested: answer.first, acknowledged: answer.answered };
  report.history({ id, owner, token, stage: 'made', by, ...times });
}

function over(person, token, answer) {
  const [id, owner] = [shortId(token), person.netid];
  report.history({ id, owner, token, stage: 'ended', acknowledged: answer.answered });
}

/** From now on it may be over. */
function ending(person, token) {
  report.history({ id: shortId(token), owner: person.netid, stage: 'ended', requested: now() });
}

/** An acknowledged change has its row; one that was refused has none, and is wrong here. */
function note(person, action, answer, subject = person.netid) {
  const isDone = answer.status === 200 || answer.status === 409;
  if (isDone) report.deed(person, action, subject, true);
  return isDone;
}

async function create(person, working, description) {
  const fields = { description, expires: '30', access: 'full', own_password: person.own };
  const answer = await person.post('/fn/create_token', fields, 'a token is made');
  if (note(person, 'token.create', answer)) keep(person, working, answer, 'create');
}

async function renew(person, working, which) {
  const [token] = working.splice(which, 1);
  ending(person, token);
  const fields = { id: idOf(token), overlap: '0', own_password: person.own };
  const answer = await person.post('/fn/renew_token', fields, 'a token is renewed');
  if (!note(person, 'token.renew', answer)) return;
  over(person, token, answer);
  keep(person, working, answer, 'renew');
}

async function revoke(person, working, which) {
  const [token] = working.splice(which, 1);
  ending(person, token);
  const fields = { id: idOf(token), own_password: person.own };
  const answer = await person.post('/fn/revoke_token', fields, 'a token is revoked');
  if (note(person, 'token.revoke', answer)) over(person, token, answer);
}

/** Sets first passwords for people of the campus, and looks at their pages. */
async function sets(netid, seed) {
  const draws = random(seed);
  const person = new Person(at, netid, report);
  while (!report.isOver) {
    const subject = netids[draws.below(netids.length)];
    const password = `marble otter canyon drift ${draws.below(1e9)}`;
    const fields = { netid: subject, own_password: person.own, new: password, retype: password };
    const answer = await person.post('/fn/set_local_password', fields, 'a password is set');
    if (note(person, 'password.set', answer, subject)) {
      const page = await person.page(`/admin/users/${subject}`);
      const isShown = page.status === 200 && />Initial</.test(page.body);
      report.held('a page shows what was acknowledged', page, isShown, `/admin/users/${subject}`);
    }
    await pause(1500 + draws.below(2000));
  }
}

/** Changes their own local password; the one of before is refused. */
async function changes(netid, seed) {
  const draws = random(seed);
  const person = new Person(at, netid, report);
  for (let n = 1; !report.isOver; n++) {
    const password = `plain copper teapot garden ${seed} ${n}`;
    const before = person.own;
    const fields = { current: before, new: password, retype: password };
    const answer = await person.post('/fn/change_password', fields, 'a password is changed');
    if (note(person, 'password.change', answer)) {
      person.own = password;
      const other = `${password} again`;
      const stale = { current: before, new: other, retype: other };
      if (!person.cookie) await person.logIn();
      const tried = await ask(at, 'POST', '/fn/change_password', {
        fields: stale,
        cookie: person.cookie,
      });
      const check = 'a wrong local password changes nothing';
      report.held(check, tried, tried.status === 422, `/fn/change_password by ${netid}`);
    } else person.cookie = undefined;
    await pause(3000 + draws.below(3000));
  }
}

async function wrongly(netid) {
  const fields = { netid, password: `wrong password ${Math.random()}`, next: '' };
  const answer = await ask(at, 'POST', '/fn/log_in', { fields });
  const isRefused = answer.status === 401 && !answer.cookie;
  report.held('a wrong password never logs in', answer, isRefused, `/fn/log_in as ${netid}`);
  return answer;
}

/** Logs in rightly after one wrong try, sees it, logs out, and is out. */
async function logsIn(netid, seed) {
  const draws = random(seed);
  const person = new Person(at, netid, report);
  while (!report.isOver) {
    await wrongly(netid);
    await person.logIn();
    const { cookie } = person;
    const page = await person.page('/settings/about-me');
    report.held('who has logged in is in', page, page.status === 200, `about-me as ${netid}`);
    const out = await ask(at, 'POST', '/fn/log_out', { fields: { form: '' }, cookie });
    report.held('a log-out is done', out, out.status === 200, `/fn/log_out by ${netid}`);
    if (out.status === 200) {
      report.deed(person, 'log-out', netid, true);
      const after = await ask(at, 'GET', '/settings/about-me', { cookie });
      report.held('who has logged out is out', after, after.status === 303, `as ${netid}`);
    } else report.deed(person, 'log-out', netid, false);
    await pause(1000 + draws.below(1500));
  }
}

/** Strangers try accounts that are there, and one that is not. */
async function guesses(seed) {
  const draws = random(seed);
  while (!report.isOver) {
    const all = ['guest', 'nobody.at.all', netids[draws.below(netids.length)]];
    await wrongly(all[draws.below(all.length)]);
    await pause(500 + draws.below(1000));
  }
}

/** Keeps a stream open of what changes about somebody, and opens it again after a restart. */
async function watches(netid) {
  const person = new Person(at, netid, report);
  const path = netid === THEIRS ? '/live' : `/live?of=${THEIRS}`;
  for (;;) {
    if (!person.cookie) await person.logIn();
    const key = `${netid} ${process.pid} ${Math.random()}`;
    const answer = await stream(path, person.cookie, key);
    report.held('a live stream stays open', answer, false, path);
    if (answer.hasEnded) person.cookie = undefined;
    await pause(250);
  }
}

function stream(path, cookie, key) {
  return new Promise((done) => {
    const sent = now();
    const end = (lost, received = '') => {
      const answered = now();
      report.stream({ key, closed: answered });
      const hasEnded = /ended/.test(received);
      done({ lost, sent: Math.max(sent, answered - 1), answered, hasEnded });
    };
    const { host, port } = at;
    const asking = request({ host, port, path, headers: { cookie }, agent: false }, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        const { statusCode: status } = answer;
        return done({ status, sent, answered: now() });
      }
      let isOpen = false;
      let received = '';
      answer.on('data', (bytes) => {
        received = (received + bytes).slice(-100);
        if (!isOpen) report.stream({ key, opened: now() });
        isOpen = true;
        if (String(bytes).includes('event: tokens')) report.stream({ key, event: now() });
      });
      answer.on('error', (error) => end(error.code ?? 'closed', received));
      answer.on('end', () => end('closed', received));
    });
    asking.on('error', (error) => end(error.code ?? 'closed'));
    asking.end();
  });
}

for (const [n, netid] of [THEIRS, 'helen', 'ada'].entries()) report.until(makes(netid, seed + n));
report.until(sets('helen', seed + 3));
report.until(changes('rae', seed + 4));
report.until(logsIn('sam', seed + 5));
report.until(guesses(seed + 6));
// They are open until this process ends.
for (const netid of [THEIRS, THEIRS, THEIRS, 'helen', 'helen', 'helen']) watches(netid);
