// What a run was like, for people: the table, also in docs/operations/mixed.md, and the plot.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grouped, quantile, written } from '../campus.mjs';
import { bySecond, memory, milliseconds, overall, plot, table } from './figures.mjs';

const DOCS = join(import.meta.dirname, '../../docs');

/** Of a run: printed, and written into the documents unless checks alone are wanted. */
export function recorded(run) {
  const { verdict, events, began, seconds, people } = run;
  const rows = table(rowsOf(run));
  console.log(rows);
  for (const [check, times] of verdict.held)
    console.log(`${grouped(times).padStart(12)}  ${check}`);
  if (process.env.ONLY_CHECKS) return;
  const p99 = bySecond(verdict.samples.steady, began, seconds).map((one) => one?.p99);
  const count = (wanted) => events.filter(({ kind }) => kind === wanted).length;
  const typical = quantile(p99.filter(Boolean), 0.5);
  const title = 'Verify at a steady rate, 99 % of each second, while everything else goes on';
  const description =
    `${seconds} seconds with ${grouped(people)} people, ${count('backup')} backups, ` +
    `${count('stop')} stops and ${count('kill')} kills. In the second in the middle 99 % of ` +
    `answers took no more than ${milliseconds(typical)}, in the slowest ` +
    `${milliseconds(Math.max(...p99.filter(Boolean)))}. Gaps: nobody was answered.`;
  writeFileSync(join(DOCS, 'mixed.svg'), plot({ title, description, p99, events }));
  written(join(DOCS, 'operations/mixed.md'), 'table', `![${title}](../mixed.svg)\n\n${rows}`);
}

function rowsOf({ verdict, desk, events, backups, began, ended, seconds, seed, people, RATE }) {
  const steady = overall(verdict.samples.steady, began, seconds);
  const pages = overall(verdict.samples.pages, began, seconds);
  const fast = perSecond(verdict.fast, began, seconds);
  const rss = memory(desk.sampled, desk.starts.at(-1).at, ended);
  const acknowledged = verdict.deeds.filter((deed) => deed.acknowledged).length;
  const held = [...verdict.held.values()].reduce((sum, times) => sum + times, 0);
  const later = [...verdict.notNow].sort().map(([why, times]) => `${grouped(times)} × ${why}`);
  const byHand = backups.filter((backup) => backup.byHand).length;
  return [
    ['run', `${grouped(people)} people, ${seconds} s, seed ${seed}`],
    [`verify, ${RATE}/s: 50 %, 99 % of all`, `${both(steady)}`],
    [
      'the same, 99 % of a second: the one in the middle, the slowest',
      `${milliseconds(steady.typical)}, ${milliseconds(steady.worst)}`,
    ],
    ['verify as fast as it goes beside that', `${grouped(fast)}/s`],
    ['pages: 50 %, 99 % of all', `${both(pages)}, some ${grouped(pages.rate)}/s`],
    ['changes and log-ins acknowledged', grouped(acknowledged)],
    ['looks at what must be, wrong answers', `${grouped(held)}, ${verdict.wrong.length}`],
    ['told “not now”', later.join(', ') || 'never'],
    ...['stop', 'kill'].map((kind) => started(kind, events)),
    ['backups by hand, by schedule', `${byHand}, ${backups.length - byHand}`],
    [`memory: ${span(rss)}`, memoryWords(rss)],
    ['open files at the most', grouped(Math.max(...desk.sampled.map(({ files }) => files)))],
  ];
}

const both = ({ p50, p99 }) => `${milliseconds(p50)}, ${milliseconds(p99)}`;

/** Of seconds in which there was any, the one in the middle. */
function perSecond(counted, began, seconds) {
  const sums = Array.from({ length: seconds }, () => 0);
  for (const [when, times] of counted) {
    const second = Math.floor((when - began) / 1000);
    if (second in sums) sums[second] += times;
  }
  return quantile(sums.filter(Boolean), 0.5) ?? 0;
}

function started(kind, events) {
  const of = events.filter((event) => event.kind === kind);
  const times = of.map(({ ready }) => ready);
  const words = kind === 'stop' ? 'stops; ready again after the start' : 'kills; the same';
  return [
    `${words}: the one in the middle, the longest`,
    `${of.length}; ${milliseconds(quantile(times, 0.5))}, ${milliseconds(Math.max(...times))}`,
  ];
}

function span(rss) {
  const seconds = grouped(rss?.seconds ?? 60);
  return `${seconds} s after the last start, in the last ${seconds} s`;
}

const memoryWords = (rss) =>
  rss
    ? `${grouped(rss.first)} MB, ${grouped(rss.last)} MB: × ${rss.ratio.toFixed(2)}`
    : 'not measured';
