// What a backup costs verify at full load: 99 % without one and with one under way, in turn.
// SECONDS_EACH=60 by the environment.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { grouped, quantile, say, verifyByWrk, written } from '../campus.mjs';
import { milliseconds, table } from './figures.mjs';

const SECONDS = Number(process.env.SECONDS_EACH ?? 60);
const ROUNDS = 3;
/** What is wanted: less than so many milliseconds between the two. */
const WANTED = 5;

export async function besideVerify({ desk, folder, tokens, people, verdict }) {
  await desk.start();
  const verify = () => verifyByWrk(folder, desk.url, tokens, { seconds: SECONDS });
  say('taking the tokens into memory');
  await verifyByWrk(folder, desk.url, tokens, { seconds: Math.min(12, SECONDS) });
  const [without, beside, backups] = [[], [], []];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`round ${round}: without a backup`);
    without.push((await verify()).p99);
    say(`round ${round}: with a backup`);
    const making = underWay(desk, join(folder, 'beside.backup'), verdict);
    beside.push((await verify()).p99);
    backups.push(await making.stop());
  }
  await desk.end('SIGTERM');
  const isMade = backups.every((many) => many > 0);
  verdict.held.clear();
  verdict.look('a backup is made beside verify', isMade, `${backups.join(', ')} were made`);
  verdict.hold('verify answers rightly at full load', 2 * ROUNDS);
  const [first, second] = [quantile(without, 0.5), quantile(beside, 0.5)];
  const difference = second - first;
  const about = `${milliseconds(first)} without, ${milliseconds(second)} with`;
  verdict.look(`a backup costs verify less than ${WANTED} ms`, difference < WANTED, about);
  const rows = table([
    ['run', `${grouped(people)} people, ${ROUNDS} × ${SECONDS} s each`],
    ['backups made beside verify', backups.join(', ')],
    ['verify at full load, 99 %, without a backup', without.map(milliseconds).join(', ')],
    ['the same with one under way', beside.map(milliseconds).join(', ')],
    ['difference of those in the middle', `${difference.toFixed(1)} ms`],
  ]);
  console.log(rows);
  if (process.env.ONLY_CHECKS || !isMade) return;
  written(join(import.meta.dirname, '../../docs/operations/mixed.md'), 'beside', rows);
}

/** Backups one after the other, until it is told to stop; answers how many were made. */
function underWay(desk, file, verdict) {
  let isOver = false;
  let made = 0;
  const work = (async () => {
    while (!isOver) {
      const { code, err } = await desk.command('backup', file, '--json', '--force');
      if (code !== 0) {
        verdict.fail('a backup is made beside verify', err.trim());
        return;
      }
      made += 1;
    }
  })();
  return {
    async stop() {
      isOver = true;
      await work;
      rmSync(file, { force: true });
      return made;
    },
  };
}
