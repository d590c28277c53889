// What the benchmarks of whole campuses share (bench-scale.mjs, bench-mixed.mjs): filling a store,
// verify by wrk, and writing what came of it into a document.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

export const say = (text) => process.stderr.write(`== ${text}\n`);

export const quantile = (numbers, q) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];

/** 100 000. */
export const grouped = (number) => Math.round(number).toLocaleString('en').replaceAll(',', ' ');

/** Settings by which one machine may ask as much as a campus. */
export const UNHINDERED = {
  LATCHKEY_LOG: 'warn',
  LATCHKEY_LOG_INS_PER_MINUTE: '0',
  LATCHKEY_REQUESTS_PER_SESSION_PER_MINUTE: '0',
  LATCHKEY_TOKENS_PER_MINUTE: '100000',
  LATCHKEY_TOKENS_PER_USER: '100000',
};

/** Fills a store, unless it is there: where, so many of its tokens, and how long it took. */
export function filled(latchkey, folder, people, tokens) {
  const at = join(folder, String(people));
  const list = join(at, 'tokens');
  if (!existsSync(list)) {
    mkdirSync(at, { recursive: true });
    say(`filling a store with ${people} people`);
    const began = Date.now();
    const store = `rocksdb://${join(at, 'store')}`;
    const printed = execFileSync(
      latchkey,
      ['seed', '--people', String(people), '--print-tokens', String(tokens), '--store', store],
      { cwd: at, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    writeFileSync(join(at, 'took'), String((Date.now() - began) / 1000));
    writeFileSync(list, printed);
  }
  return {
    at,
    tokens: readFileSync(list, 'utf8').trim().split('\n'),
    took: Number(readFileSync(join(at, 'took'), 'utf8')),
  };
}

/** wrk on one core of its own. */
const pinned = cpus().length > 1 ? ['taskset', '--cpu-list', String(cpus().length - 1)] : ['env'];

/** Verify as fast as it goes; an answer that is wrong, or lost, ends the run. */
export async function verifyByWrk(folder, url, tokens, { seconds, refused = false }) {
  const file = join(folder, 'list');
  writeFileSync(file, tokens.map((token) => `token ${token}`).join('\n') + '\n');
  const child = spawn(
    pinned[0],
    [
      ...pinned.slice(1),
      ...['wrk', '--threads', '1', '--connections', '32', '--duration', `${seconds}s`],
      ...['--script', join(import.meta.dirname, 'bench.lua'), url],
      ...['--', 'GET', '/auth/verify', file],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  await once(child, 'exit');
  const result = JSON.parse(output.trim().split('\n').at(-1));
  const wrong = refused ? result.requests - result.refused : result.refused;
  if (wrong > 0 || result.lost > 0) throw new Error(`verify: ${wrong} wrong, ${result.lost} lost`);
  return { rate: result.requests / result.seconds, p50: result.p50, p99: result.p99 };
}

/** A token of the right form, which is nobody's, from its beginning: the checksum is added. */
export function wellFormed(body) {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let crc = ~0;
  for (const byte of Buffer.from(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = ~crc >>> 0;
  let check = '';
  for (let n = 0; n < 6; n++, rest = Math.floor(rest / 62)) check = alphabet[rest % 62] + check;
  return body + check;
}

/** Puts a text between `<!-- NAME -->` and the next `<!-- end -->` of a document. */
export function between(document, name, text) {
  const opening = `<!-- ${name} -->\n`;
  const closing = '<!-- end -->\n';
  const from = document.indexOf(opening) + opening.length;
  const to = document.indexOf(closing, from);
  if (from < opening.length || to < 0) throw new Error(`there is no ${opening}`);
  return document.slice(0, from) + text + document.slice(to);
}

export const written = (file, name, text) =>
  writeFileSync(file, between(readFileSync(file, 'utf8'), name, text));
