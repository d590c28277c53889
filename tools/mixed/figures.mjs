// Figures of a run, pure: what a second was like, the table, and the plot. Tests: tests.mjs.
import { grouped, quantile } from '../campus.mjs';

/** Of samples [when, ms] each second of a run: how many, p50, p99; nothing where there was none. */
export function bySecond(samples, from, seconds) {
  const buckets = Array.from({ length: seconds }, () => []);
  for (const [when, ms] of samples) buckets[Math.floor((when - from) / 1000)]?.push(ms);
  return buckets.map((all) =>
    all.length
      ? { rate: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99) }
      : undefined,
  );
}

/** Over all of a run: of all samples, and of the seconds' p99 the one in the middle. */
export function overall(samples, from, seconds) {
  const each = bySecond(samples, from, seconds).filter(Boolean);
  if (!each.length) return undefined;
  const all = samples.map(([, ms]) => ms);
  return {
    rate: quantile(each.map(({ rate }) => rate), 0.5),
    p50: quantile(all, 0.5),
    p99: quantile(all, 0.99),
    typical: quantile(each.map(({ p99 }) => p99), 0.5),
    worst: Math.max(...each.map(({ p99 }) => p99)),
  };
}

/**
 * Memory after the last start: at the end of its first minute, and in the middle of the last
 * minute; of half of the time where there were not two minutes.
 */
export function memory(sampled, started, ended) {
  const span = Math.min(60_000, (ended - started) / 2);
  const early = sampled.filter(({ at }) => at >= started && at <= started + span);
  const late = sampled.filter(({ at }) => at >= ended - span && at <= ended);
  if (!early.length || !late.length) return undefined;
  const first = early.at(-1).rss;
  const last = quantile(late.map(({ rss }) => rss), 0.5);
  return { first, last, ratio: last / first, seconds: span / 1000 };
}

export const milliseconds = (ms) => `${ms < 10 ? ms.toFixed(1) : grouped(ms)} ms`;

export const table = (rows) =>
  [['what', ''], ['---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const [LEFT, TOP, WIDTH, HEIGHT] = [76, 70, 820, 260];

/** Each kind of mark: its letter, its colour in light and in dark, and how its line is drawn. */
export const MARKS = {
  stop: { letter: 'S', name: 'stopped and started', colours: ['#a16207', '#facc15'], dash: '6 3' },
  kill: { letter: 'K', name: 'killed and started', colours: ['#b91c1c', '#f87171'], dash: '' },
  backup: { letter: 'B', name: 'backup', colours: ['#1d4ed8', '#93c5fd'], dash: '2 3' },
};

/** Each kind of mark in its colour, the letters in it too. */
const marks = (scheme) =>
  Object.entries(MARKS)
    .map(([kind, { colours }]) => `.${kind}{color:${colours[scheme]};fill:currentColor}`)
    .join('');
const STYLE =
  `svg{color:#1e293b;background:#ffffff}.p{stroke:#0f766e}${marks(0)}` +
  '@media (prefers-color-scheme:dark){' +
  `svg{color:#e2e8f0;background:#0f172a}.p{stroke:#5eead4}${marks(1)}}`;

/** The decades that hold these, the smallest and the largest: at least one. */
export function decades(values) {
  const positive = values.filter((value) => value > 0);
  if (!positive.length) return [0, 1];
  const low = Math.floor(Math.log10(Math.min(...positive)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))))];
}

/** p99 of each second on a logarithmic scale, with events {at (s), to?, kind} as marks. */
export function plot({ title, description, p99, events }) {
  const seconds = p99.length;
  const [low, high] = decades(p99.filter((value) => value !== undefined));
  const x = (second) => (LEFT + (second / seconds) * WIDTH).toFixed(1);
  const y = (ms) =>
    (TOP + HEIGHT - ((Math.log10(ms) - low) / (high - low)) * HEIGHT).toFixed(1);
  const bottom = TOP + HEIGHT;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 24} ${bottom + 86}" ` +
      `role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" ` +
      `font-size="13" fill="currentColor">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<text x="16" y="28" font-size="16" font-weight="600">${escaped(title)}</text>`,
  ];
  for (let decade = low; decade <= high; decade++) {
    const at = y(10 ** decade);
    lines.push(
      `<path d="M${LEFT} ${at}h${WIDTH}" stroke="currentColor" stroke-opacity="0.2"/>`,
      `<text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${10 ** decade} ms</text>`,
    );
  }
  const step = Math.max(10, Math.ceil(seconds / 10 / 30) * 30);
  for (let second = 0; second <= seconds; second += step)
    lines.push(`<text x="${x(second)}" y="${bottom + 20}" text-anchor="middle">${second} s</text>`);
  for (const { at, kind } of events) {
    const { letter, dash } = MARKS[kind];
    lines.push(
      `<g class="${kind}"><path d="M${x(at)} ${TOP}V${bottom}" stroke="currentColor"` +
        `${dash ? ` stroke-dasharray="${dash}"` : ''}/>` +
        `<text x="${x(at)}" y="${TOP - 6}" text-anchor="middle">${letter}</text></g>`,
    );
  }
  lines.push(`<path class="p" fill="none" stroke-width="1.5" d="${line(p99, x, y)}"/>`);
  Object.entries(MARKS).forEach(([kind, { letter, name }], n) =>
    lines.push(
      `<text class="${kind}" x="${LEFT + n * 220}" y="${bottom + 54}">${letter}: ${name}</text>`,
    ),
  );
  return `${lines.join('\n')}\n</svg>\n`;
}

/** Broken where there is no value: nobody was answered in that second. A lone one is a dot. */
function line(values, x, y) {
  const drawn = values.map((value, second) => {
    if (value === undefined) return '';
    const isFirst = values[second - 1] === undefined;
    const isLone = isFirst && values[second + 1] === undefined;
    return `${isFirst ? 'M' : 'L'}${x(second + 0.5)} ${y(value)}${isLone ? 'h1' : ''}`;
  });
  return drawn.join('');
}
