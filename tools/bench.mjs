// Measures verify against a bare axum route, in turn, on this machine: the ratios mean more than
// any of the numbers. usage: node tools/bench.mjs LATCHKEY TESTKIT BARE SEED; SECONDS_EACH=4
// and ROUNDS=3 by the environment.
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

const [latchkey, testkit, bare, seed] = process.argv.slice(2);
const SECONDS = Number(process.env.SECONDS_EACH ?? 4);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const TOKENS = 100_000;
const STRANGERS = 10_000;
const CONNECTIONS = 32;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const running = new Set();
const clean = () => {
  // What the kit has started ends with it, in order.
  for (const child of running) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
};
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Starts a server and waits for the line that says that it listens. */
async function start(program, args, line, env = {}) {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  running.add(child);
  let output = '';
  await new Promise((listening, failed) => {
    child.stdout.on('data', (bytes) => {
      output += bytes;
      if (line.test(output)) listening();
    });
    child.once('exit', (code) => failed(new Error(`${program} ended early (${code})\n${output}`)));
  });
  child.output = output;
  return child;
}

async function stop(child) {
  child.removeAllListeners('exit');
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  running.delete(child);
}

const serve = (store) => async () => {
  const settings = {
    LATCHKEY_LOG_INS_PER_MINUTE: '0',
    LATCHKEY_LOG: 'warn',
    LATCHKEY_CACHED_TOKENS: String(TOKENS),
  };
  const child = await start(
    testkit,
    [
      ...['--folder', folder, '--store', store],
      ...Object.entries(settings).map(([name, value]) => `--env=${name}=${value}`),
    ],
    /\n/,
    { LATCHKEY_BIN: latchkey },
  );
  const { url, pid } = JSON.parse(child.output);
  return Object.assign(child, { url, process: pid });
};

/** wrk on one core of its own; the server has all of them. */
const pinned = cpus().length > 1 ? ['taskset', '--cpu-list', String(cpus().length - 1)] : ['env'];
function wrk(url, method, path, list, { seconds = SECONDS, connections = CONNECTIONS } = {}) {
  const file = join(folder, 'list');
  writeFileSync(file, list.join('\n') + '\n');
  const args = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${seconds}s`,
    '--script',
    join(import.meta.dirname, 'bench.lua'),
    url,
    '--',
    method,
    path,
    file,
  ];
  return new Promise((done, failed) => {
    const child = spawn(pinned[0], [...pinned.slice(1), 'wrk', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
    });
    child.once('exit', (code) => {
      running.delete(child);
      const line = output.trim().split('\n').at(-1);
      if (code !== 0 || !line.startsWith('{'))
        return failed(new Error(`wrk failed (${code})\n${output}`));
      const result = JSON.parse(line);
      done({ ...result, rate: result.requests / result.seconds });
    });
  });
}

const memory = (child) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.process}/status`, 'utf8'))[1]) / 1024;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const say = (text) => process.stderr.write(`== ${text}\n`);

const store = `rocksdb://${join(folder, 'data')}`;
say(`filling a store with ${TOKENS} tokens`);
const made = execFileSync(seed, [store, '1000', String(TOKENS), String(STRANGERS)], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
})
  .trim()
  .split('\n');
const [tokens, unknown] = [made.slice(0, TOKENS), made.slice(TOKENS)];
const client = JSON.parse(
  execFileSync(latchkey, ['client', 'add', 'bench', '--json', '--store', store], {
    cwd: folder,
    encoding: 'utf8',
  }),
);
const basic =
  'Basic ' + Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
const all = tokens.map((token) => `token ${token}`);
const strangers = unknown.map((token) => `token ${token}`);
const one = [all[0]];
const formless = [`token ${tokens[0].slice(0, -1)}${tokens[0].endsWith('0') ? '1' : '0'}`];

/** Wrong passwords, each for another account. */
const logIns = Array.from(
  { length: 5000 },
  (_, n) =>
    `\tform=${randomBytes(16).toString('hex')}&netid=nobody${n}&password=wrong-password-${n}&next=/`,
);

/** What is measured: its name, whether 200 or a refusal is right, and how. */
const cases = [
  { name: 'bare axum, 204', right: 'good', run: (at) => wrk(at.bare.url, 'GET', '/', one) },
  {
    name: 'verify: a good token',
    right: 'good',
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', one),
  },
  {
    name: 'verify: 100 000 good tokens',
    right: 'good',
    warm: all,
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', all),
  },
  {
    name: 'verify: 100 000, cold',
    right: 'good',
    fresh: true,
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', all, { seconds: 2 }),
  },
  {
    name: 'verify: malformed',
    right: 'refused',
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', formless),
  },
  {
    name: 'verify: an unknown token',
    right: 'refused',
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', [strangers[0]]),
  },
  {
    name: 'verify: a flood of unknown',
    right: 'refused',
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', strangers),
  },
  {
    name: 'introspection',
    right: 'good',
    run: (at) => wrk(at.desk.url, 'POST', '/oauth2/introspect', [`${basic}\ttoken=${tokens[0]}`]),
  },
  {
    name: 'verify, 8 connections',
    right: 'good',
    run: (at) => wrk(at.desk.url, 'GET', '/auth/verify', one, { connections: 8 }),
  },
  {
    name: 'verify while log-ins flood',
    right: 'good',
    run: (at) => flooded(at, 'POST', '/fn/log_in', logIns),
  },
  // Each is new to the desk, which is asked about too many of them to look at each.
  {
    name: 'verify while unknown flood',
    right: 'good',
    run: (at) => flooded(at, 'GET', '/auth/verify', strangers),
  },
];

/** 32 clients ask for something else while verify is measured. */
async function flooded(at, method, path, list) {
  const file = join(folder, 'flood');
  writeFileSync(file, list.join('\n') + '\n');
  const flood = spawn(
    'wrk',
    [
      '--threads',
      '1',
      '--connections',
      '32',
      '--duration',
      `${SECONDS + 2}s`,
      '--timeout',
      '30s',
      '--script',
      join(import.meta.dirname, 'bench.lua'),
      at.desk.url,
      '--',
      method,
      path,
      file,
    ],
    { stdio: 'ignore' },
  );
  running.add(flood);
  const result = await wrk(at.desk.url, 'GET', '/auth/verify', one, { connections: 8 });
  flood.kill('SIGKILL');
  running.delete(flood);
  return result;
}

const results = new Map(cases.map((which) => [which.name, []]));
const at = {};
at.bare = await start(bare, [], /http:\S+\n/);
at.bare.url = at.bare.output.trim();
let peak = 0;
for (let round = 1; round <= ROUNDS; round++) {
  for (const which of cases) {
    if (which.fresh && at.desk) {
      await stop(at.desk);
      at.desk = undefined;
    }
    at.desk ??= await serve(store)();
    // Long enough for each of them to be asked for once; from the store that takes a while.
    if (which.warm)
      await wrk(at.desk.url, 'GET', '/auth/verify', which.warm, {
        seconds: Math.max(SECONDS, Math.ceil(which.warm.length / 3300)),
      });
    say(`round ${round}: ${which.name}`);
    const result = await which.run(at);
    const wrong = which.right === 'good' ? result.refused : result.requests - result.refused;
    if (wrong > 0 || result.lost > 0)
      throw new Error(`${which.name}: ${wrong} wrong answers, ${result.lost} lost`);
    results.get(which.name).push(result);
    peak = Math.max(peak, memory(at.desk));
  }
}
const rows = cases.map(({ name }) => {
  const of = results.get(name);
  return {
    name,
    rate: median(of.map((one) => one.rate)),
    p50: median(of.map((one) => one.p50)),
    p99: median(of.map((one) => one.p99)),
  };
});
const base = rows[0];
const tell = (what, rate, ofBare, p50, p99) =>
  console.log(
    what.padEnd(30),
    rate.padStart(11),
    ofBare.padStart(8),
    p50.padStart(9),
    p99.padStart(9),
  );
tell('what', 'requests/s', 'of bare', '50 % ms', '99 % ms');
for (const { name, rate, p50, p99 } of rows) {
  tell(name, rate.toFixed(0), (rate / base.rate).toFixed(2), p50.toFixed(2), p99.toFixed(2));
}
console.log(
  `${CONNECTIONS} connections (8 during the flood), ${SECONDS} s each, medians of ${ROUNDS}; ` +
    `the desk took at most ${peak.toFixed(0)} MB of memory`,
);
writeFileSync(join(import.meta.dirname, '../docs/bench.svg'), plot(rows));
await stop(at.desk);
process.exit(0);

/** Bars of the ratios to the bare route. */
function plot(rows) {
  const [left, width, high] = [230, 420, 30];
  const height = rows.length * high + 70;
  const most = Math.max(1, ...rows.map((row) => row.rate / base.rate));
  const bars = rows.map((row, n) => {
    const ratio = row.rate / base.rate;
    const y = 50 + n * high;
    const long = (ratio / most) * width;
    const end = (left + long + 8).toFixed(1);
    const rate = Math.round(row.rate).toLocaleString('en');
    return (
      `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${row.name}</text>` +
      `<rect x="${left}" y="${y}" width="${long.toFixed(1)}" height="20" rx="3" ` +
      `fill="${n ? '#0f766e' : '#64748b'}"/>` +
      `<text x="${end}" y="${y + 15}">${ratio.toFixed(2)} · ${rate}/s</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 150} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#1e293b">\n` +
    `<rect width="100%" height="100%" fill="#ffffff"/>\n` +
    `<text x="16" y="28" font-size="16" font-weight="600">` +
    `Requests a second, relative to a bare axum route on the same machine</text>\n` +
    bars.join('\n') +
    '\n</svg>\n'
  );
}
