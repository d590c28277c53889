// A process that looks at pages, as people do: Auth Tokens, a user's page, Select User by words
// that are rare and common, the audit with filters.
// usage, by fork: pages.mjs {at, seed, netids}
import { Person, pause } from './asking.mjs';
import { Report, workerSettings } from './report.mjs';
import { listed, random } from './truth.mjs';

const { at, seed, netids } = workerSettings();
const report = new Report();
const SHOWS = 'a page shows what was acknowledged';
const COMMON = ['smith', 'ana', 'm', 'garcia example'];
const AUDIT = ['', 'actor=(ldap)', 'action=log-in&outcome=refused', 'outcome=refused'];

/** A page that must be there and say this; its answer, where it came. */
async function look(person, path, mustSay) {
  const answer = await person.page(path);
  const isRight = answer.status === 200 && mustSay(answer.body);
  if (answer.status === 200) report.sample('pages', answer.sent, answer.answered - answer.sent);
  report.held('a page is there and is the right one', answer, isRight, `GET ${path}`);
  if (answer.status === 303) person.cookie = undefined;
  return isRight ? answer : undefined;
}

/** Somebody's tokens, as a page lists them: each is judged once all is known of it. */
function recordListed(answer, owner, path) {
  if (!answer) return;
  const { working, over } = listed(answer.body);
  const { sent, answered } = answer;
  report.seen(SHOWS, undefined, undefined, { sent, answered }, { owner, working, over, path });
}

const says = (heading) => (body) => body.includes(`<h1>${heading}`);

async function looks(seed) {
  const draws = random(seed);
  const [tia, helen, ada] = ['tia', 'helen', 'ada'].map((it) => new Person(at, it, report));
  const one = (all) => all[draws.below(all.length)];
  const ways = [
    async () => {
      const path = '/settings/auth-tokens';
      recordListed(await look(tia, path, says('Auth Tokens')), 'tia', path);
    },
    async () => {
      const path = '/admin/users/tia';
      recordListed(await look(helen, path, says('Tia Token (tia)')), 'tia', path);
    },
    async () => {
      const netid = one(netids);
      await look(helen, `/admin/users/${netid}`, (body) => body.includes(`(${netid})`));
    },
    async () => {
      const netid = one(netids);
      const isFound = (body) => body.includes(`href="/admin/users/${netid}"`);
      await look(helen, `/admin/users?q=${netid}`, isFound);
    },
    async () => {
      const isFound = (body) => body.includes('id="user-0"');
      await look(helen, `/admin/users?q=${encodeURIComponent(one(COMMON))}`, isFound);
    },
    async () => void (await look(ada, `/admin/audit?${one(AUDIT)}`, says('Audit'))),
    async () => {
      const path = '/admin/audit?actor=tia&action=token.create';
      const answer = await look(ada, path, says('Audit'));
      if (!answer) return;
      const rows = [...answer.body.matchAll(/data-label="Detail">([0-9a-f]{16}) /g)];
      const audit = rows.map(([, id]) => id);
      report.seen(SHOWS, undefined, undefined, answer, { owner: 'tia', audit, path });
    },
  ];
  while (!report.isOver) {
    await one(ways)();
    await pause(100 + draws.below(100));
  }
}

report.until(looks(seed));
report.until(looks(seed + 1));
