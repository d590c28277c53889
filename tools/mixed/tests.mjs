// What is pure in a mixed run, held to tables: node --test tools/mixed/tests.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import { between, quantile, wellFormed } from '../campus.mjs';
import { MARKS, bySecond, decades, memory, overall, plot } from './figures.mjs';
import {
  auditFaults,
  listed,
  mayBe,
  newToken,
  notNow,
  plan,
  random,
  undelivered,
} from './truth.mjs';
import { Verdict } from './verdict.mjs';

test('a quantile is one of the numbers, and the last one at the most', () => {
  const numbers = [5, 1, 4, 2, 3];
  assert.deepEqual([0, 0.5, 0.99, 1].map((q) => quantile(numbers, q)), [1, 3, 5, 5]);
  assert.deepEqual(numbers, [5, 1, 4, 2, 3], 'they stay in order');
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  assert.equal(quantile(hundred, 0.99), 100);
  assert.equal(quantile([], 0.5), undefined);
});

test('a second has what began in it, and none is made up', () => {
  const samples = [[1000, 3], [1999, 1], [3500, 9], [900, 7], [4000, 7]];
  const found = bySecond(samples, 1000, 3);
  assert.deepEqual(found, [{ rate: 2, p50: 3, p99: 3 }, undefined, { rate: 1, p50: 9, p99: 9 }]);
  const { typical, worst } = overall(samples, 1000, 3);
  assert.deepEqual([typical, worst], [9, 9]);
  assert.equal(overall([], 0, 5), undefined);
});

test('memory is that of the first minute’s end and of the last minute, or of halves', () => {
  const sampled = Array.from({ length: 300 }, (_, n) => ({ at: n * 1000, rss: 100 + n }));
  const long = memory(sampled, 60_000, 299_000);
  assert.deepEqual([long.first, long.last, long.seconds], [220, 369, 60]);
  assert.equal(memory(sampled, 280_000, 290_000).seconds, 5);
  assert.equal(memory([], 0, 1000), undefined);
});

test('a run has each kind of event, the same for the same seed, and none near its end', () => {
  for (const seconds of [60, 120, 600])
    for (let seed = 0; seed < 50; seed++) {
      const events = plan(seconds, seed);
      assert.deepEqual(events, plan(seconds, seed));
      const of = (kind) => events.filter((event) => event.kind === kind);
      assert.ok(of('stop').length >= 2 && of('stop').length === of('kill').length);
      assert.equal(of('backup').length, 3);
      const last = Math.max(...[...of('stop'), ...of('kill')].map(({ at }) => at));
      assert.ok(last <= seconds * 0.63 && events[0].at > 0);
      const moments = events.map(({ at }) => at);
      assert.deepEqual(moments, [...moments].sort((a, b) => a - b));
    }
  assert.notDeepEqual(plan(600, 1), plan(600, 2));
  const { below } = random(1);
  for (let n = 0; n < 1000; n++) assert.ok(below(3) < 3);
});

test('a token works from when it was told until its end was, and in between may do both', () => {
  const made = { requested: 10, acknowledged: 20 };
  const token = { made, ended: { requested: 50, acknowledged: 60 } };
  for (const [sent, answered, isIn, isRight, why] of [
    [1, 9, true, false, 'before anybody asked for it'],
    [1, 9, false, true, 'before anybody asked for it'],
    [12, 15, true, true, 'while it is made'],
    [12, 15, false, true, 'while it is made'],
    [30, 40, true, true, 'while it is there'],
    [30, 40, false, false, 'while it is there'],
    [45, 55, false, true, 'its end was asked for meanwhile'],
    [45, 55, true, true, 'its end was asked for meanwhile'],
    [55, 70, true, true, 'sent before its end was told'],
    [61, 70, true, false, 'after its end was told'],
    [61, 70, false, true, 'after its end was told'],
  ])
    assert.equal(mayBe(token, isIn, sent, answered), isRight, `${why}: ${isIn}`);
  const unknown = newToken({});
  assert.ok(!mayBe(unknown, true, 1, 2) && mayBe(unknown, false, 1, 2));
  const doubtful = { made: { requested: 1, acknowledged: 2 }, ended: { requested: 5 } };
  assert.ok(mayBe(doubtful, true, 90, 99) && mayBe(doubtful, false, 90, 99));
});

test('what is lost is honest while the server was away, and wrong at any other time', () => {
  const away = [{ from: 10, to: 20 }, { from: 50 }];
  const lost = (sent, answered, how = 'ECONNRESET') => notNow({ lost: how, sent, answered }, away);
  assert.equal(lost(5, 11), 'connection lost');
  assert.equal(lost(12, 13, 'ECONNREFUSED'), 'connection refused');
  assert.equal(lost(60, 61), 'connection lost');
  assert.equal(lost(1, 9), undefined);
  assert.equal(lost(21, 49, 'ECONNREFUSED'), undefined);
  assert.equal(notNow({ status: 500, sent: 12, answered: 13 }, away), undefined);
});

test('a page’s tokens are told apart by whether they are over', () => {
  const card = (id, over) =>
    `<li${over ? ' data-state="over"' : ''} class="card"><h2 id="token-${id}">A<!></h2>`;
  const html = card('a'.repeat(16)) + card('b'.repeat(16), true) + card('c'.repeat(64));
  const { working, over } = listed(html);
  assert.deepEqual(working, ['a'.repeat(16), 'c'.repeat(16)]);
  assert.deepEqual(over, ['b'.repeat(16)]);
});

test('the audit has each change once, and none that nobody asked for', () => {
  const [id, other] = ['a'.repeat(16), 'b'.repeat(16)];
  const row = (action, detail) =>
    ({ actor: 'tia', subject: 'tia', outcome: 'done', action, detail });
  const created = row('token.create', `${id} tia 1`);
  const renewed = row('token.renew', `${other} tia 1 in place of ${id}, which works for no time`);
  const tokens = [
    { id, made: { acknowledged: 1 }, ended: { acknowledged: 2 } },
    { id: other, made: { acknowledged: 2 }, ended: {} },
  ];
  const deed = (action, acknowledged) => ({ actor: 'tia', subject: 'tia', action, acknowledged });
  const deeds = [deed('token.create', true), deed('token.renew', true), deed('log-in', false)];
  const faults = (rows) => auditFaults(rows, tokens, deeds).length;
  assert.equal(faults([created, renewed]), 0);
  assert.equal(faults([created, renewed, row('log-in', '')]), 0, 'what is not known may be');
  assert.ok(faults([created]) && faults([renewed]), 'one is missing');
  assert.ok(faults([created, created, renewed]), 'one is there twice');
  assert.ok(faults([created, renewed, row('token.create', `${'c'.repeat(16)} x`)]), 'one too many');
  assert.ok(faults([created, { ...renewed, outcome: 'refused' }]), 'it was refused');
});

test('a change is told to each stream that was open then, in time', () => {
  const change = { requested: 100, acknowledged: 110, what: 'it' };
  const faults = (...streams) => undelivered([change], streams, 50).faults.length;
  assert.equal(faults({ opened: 1, events: [120] }), 0);
  assert.equal(faults({ opened: 1, events: [99, 161] }), 1);
  assert.equal(faults({ opened: 105, events: [] }, { opened: 1, closed: 150, events: [] }), 0);
});

test('a check that failed, or that nothing was asked for, holds nothing', () => {
  const verdict = new Verdict();
  const { held } = verdict;
  for (const check of held.keys()) verdict.hold(check);
  assert.deepEqual(verdict.counts(), { passed: held.size, failed: 0 });
  verdict.look('a backup is whole', false, 'it is not');
  assert.deepEqual(verdict.counts(), { passed: held.size - 1, failed: 1 });
  held.set('the right password logs in', 0);
  assert.deepEqual(verdict.counts(), { passed: held.size - 2, failed: 2 });
  const answer = { check: 'who has logged out is out', status: 200, sent: 1, answered: 2 };
  const empty = { held: {}, notNow: {}, counts: {}, samples: {}, deeds: [], history: [] };
  const batch = { ...empty, doubts: [answer], seen: [], streams: [] };
  verdict.take(batch, 3, () => {});
  verdict.judge([], 0);
  assert.ok(verdict.wrong.some((wrong) => wrong.startsWith(answer.check)));
});

test('of each check some wrong answers are told, and how many more there were', () => {
  const verdict = new Verdict();
  for (let n = 0; n < 5; n++) verdict.fail('one', `it is ${n}`);
  verdict.fail('other', 'it is');
  const worst = ['one: it is 0', 'one: it is 1', 'other: it is', 'one: 3 more'];
  assert.deepEqual(verdict.worst(2), worst);
});

test('the plot tells its title, draws each mark, and breaks where nobody was answered', () => {
  const events = Object.keys(MARKS).map((kind, n) => ({ kind, at: n + 1 }));
  const p99 = [1, 2, undefined, 40, undefined, 3, 4];
  const svg = plot({ title: 'A <title>', description: 'What & why', p99, events });
  assert.match(svg, /role="img" aria-labelledby="title desc"/);
  assert.match(svg, /<title id="title">A &lt;title&gt;<\/title>/);
  assert.match(svg, /<desc id="desc">What &amp; why<\/desc>/);
  assert.match(svg, /prefers-color-scheme:dark/);
  for (const [kind, { letter }] of Object.entries(MARKS)) {
    assert.match(svg, new RegExp(`<g class="${kind}">.*>${letter}</text></g>`));
    assert.ok(svg.includes(`${letter}: `), 'the legend');
  }
  const drawn = /<path class="p".* d="([^"]*)"/.exec(svg)[1];
  assert.equal(drawn.match(/M/g).length, 3);
  assert.ok(!svg.includes('NaN') && !svg.includes('undefined'));
  assert.deepEqual(decades([0.5, 40]), [-1, 2]);
  assert.deepEqual(decades([10]), [1, 2]);
  assert.deepEqual(decades([]), [0, 1]);
});

test('a document keeps all but what is between its marks', () => {
  const document = 'a\n<!-- one -->\nold\n<!-- end -->\nb\n<!-- two -->\n<!-- end -->\nc\n';
  const written = between(document, 'two', 'new\n');
  assert.equal(written, document.replace('<!-- two -->\n', '<!-- two -->\nnew\n'));
  assert.equal(between(written, 'one', 'x\n'), written.replace('old', 'x'));
  assert.throws(() => between(document, 'three', ''), /three/);
});

test('a token that is made up has the right checksum', () => {
  // As `latchkey seed` prints them.
  for (const token of [
    'latchkey_8m1oFMrVmkNRpdQyxWliZcyOyIMqZC0XGHVt',
    'latchkey_L1rJSsnCzbFkakFyUvzB198C8j0anM0ZGRgG',
  ])
    assert.equal(wellFormed(token.slice(0, -6)), token);
});
