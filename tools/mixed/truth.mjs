// What must be, of what was acknowledged: pure, so that tests.mjs holds it to tables. Times are
// milliseconds of this machine's clock, the same in every process.

/** Numbers that are the same each time for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (most) => Math.floor(next() * most) };
}

/** So many of each kind of event in a run of so many seconds: when, in seconds, and what. */
export function plan(seconds, seed) {
  const { next, below } = random(seed);
  const each = Math.max(2, Math.round((seconds / 60) * 0.4));
  const kinds = Array.from({ length: 2 * each }, (_, n) => (n % 2 ? 'kill' : 'stop'));
  for (let n = kinds.length - 1; n > 0; n--) {
    const other = below(n + 1);
    [kinds[n], kinds[other]] = [kinds[other], kinds[n]];
  }
  // The last third has no restart, so that memory can be seen to stay.
  const [from, to] = [seconds * 0.1, seconds * 0.62];
  const slot = (to - from) / kinds.length;
  const restarts = kinds.map((kind, n) => ({ at: from + slot * (n + 0.8 * next()), kind }));
  const backups = [0.06, 0.36, 0.8].map((share) => ({
    at: seconds * (share + 0.02 * next()),
    kind: 'backup',
  }));
  return [...restarts, ...backups].sort((a, b) => a.at - b.at);
}

/** A token of which nothing was asked yet. */
export const newToken = (facts) => ({ ...facts, made: {}, ended: {} });

/**
 * Whether an answer about a token may be: whether it was let in (or shown as working), by when it
 * was made and ended, as far as anybody was told, and when it was asked and answered about.
 */
export function mayBe({ made, ended }, isIn, sent, answered) {
  if (isIn) {
    const isNotYet = made.requested === undefined || made.requested > answered;
    return !isNotYet && !(ended.acknowledged !== undefined && ended.acknowledged < sent);
  }
  const wasThere = made.acknowledged !== undefined && made.acknowledged < sent;
  const isThere = ended.requested === undefined || ended.requested > answered;
  return !(wasThere && isThere);
}

/** Whether something from one moment to another meets one of the times when the server was away. */
const isAway = (away, sent, answered) =>
  away.some(({ from, to = Infinity }) => from <= answered && sent <= to);

/** How an answer that was lost is called, where it was lost honestly; none: it is wrong. */
export function notNow(answer, away) {
  if (!answer.lost) return undefined;
  if (!isAway(away, answer.sent, answer.answered)) return undefined;
  return answer.lost === 'ECONNREFUSED' ? 'connection refused' : 'connection lost';
}

/** Tokens by whether they work, of a page that lists them: the first 16 digits of their ids. */
export function listed(html) {
  const cards = html.matchAll(/<li([^>]*)class="card"><h\d id="token-([0-9a-f]{16})/g);
  const found = { working: [], over: [] };
  for (const [, attributes, id] of cards)
    found[attributes.includes('data-state="over"') ? 'over' : 'working'].push(id);
  return found;
}

const replaces = (row, id) => row.detail.includes(` in place of ${id}`);

/**
 * What streams lack: each change of somebody's tokens is told, within so many milliseconds, to each
 * stream of theirs that was open then and stayed so.
 */
export function undelivered(changes, streams, within) {
  const faults = [];
  let delivered = 0;
  for (const { requested, acknowledged: at, what } of changes)
    for (const { opened, closed = Infinity, events } of streams) {
      if (opened >= requested || closed <= at + within) continue;
      if (events.some((event) => event >= requested && event <= at + within)) delivered += 1;
      else faults.push(`no stream’s event of ${what}`);
    }
  return { delivered, faults };
}

/**
 * What the audit lacks, or has too much of, in sentences. `tokens`: with their histories; `deeds`:
 * {actor, action, subject, acknowledged}, where what was not acknowledged may have been done;
 * `rows`: since the run began.
 */
export function auditFaults(rows, tokens, deeds) {
  const done = rows.filter((row) => row.outcome === 'done');
  const by = grouped(done, (row) => row.action);
  const of = (action) => by.get(action) ?? [];
  const faults = [];
  const one = (found, what) => {
    if (found.length !== 1) faults.push(`${found.length} rows of ${what}`);
  };
  const ofTokens = [...of('token.create'), ...of('token.renew'), ...of('token.revoke')];
  const what = ({ action }) => (action === 'token.revoke' ? 'ended' : 'made');
  const index = grouped(ofTokens, (row) => `${what(row)} ${row.detail.slice(0, 16)}`);
  for (const token of tokens) {
    if (token.made.acknowledged !== undefined)
      one(index.get(`made ${token.id}`) ?? [], `the making of ${token.id}`);
    if (token.ended.acknowledged === undefined) continue;
    const revoked = index.get(`ended ${token.id}`) ?? [];
    const renewed = of('token.renew').filter((row) => replaces(row, token.id));
    one([...revoked, ...renewed], `the end of ${token.id}`);
  }
  const counts = new Map();
  for (const { actor, action, subject, acknowledged } of deeds) {
    const key = [actor, action, subject].join(' ');
    const count = counts.get(key) ?? { actor, action, subject, acknowledged: 0, perhaps: 0 };
    count[acknowledged ? 'acknowledged' : 'perhaps'] += 1;
    counts.set(key, count);
  }
  for (const [key, { actor, action, subject, acknowledged, perhaps }] of counts) {
    const found = of(action).filter((row) => row.actor === actor && row.subject === subject).length;
    if (found < acknowledged || found > acknowledged + perhaps)
      faults.push(`${key}: ${acknowledged} acknowledged, ${perhaps} not known, ${found} rows`);
  }
  return faults;
}

function grouped(rows, by) {
  const found = new Map();
  for (const row of rows) {
    const key = by(row);
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(row);
  }
  return found;
}
