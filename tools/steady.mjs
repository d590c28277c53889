// Asks verify for a token again and again, on connections that are kept open and on one for each
// request, until its standard input ends; prints the first answer, and at the end how many there
// were of each kind.
// usage: node tools/steady.mjs URL TOKEN
import { Agent, request } from 'node:http';

const [url, token] = process.argv.slice(2);
/** So many of each kind of connection ask at once. */
const EACH = 3;
/** Whoever waits longer, in milliseconds, was not answered. */
const TIMEOUT = 20_000;
const answers = new Map();
let isOver = false;
process.stdin.resume().on('end', () => {
  isOver = true;
});

/** The status that was answered, or what went wrong. */
function ask(agent) {
  const headers = { authorization: `token ${token}` };
  return new Promise((done) => {
    const wanted = request(`${url}/auth/verify`, { agent, headers }, (answer) => {
      answer.resume().on('end', () => done(answer.statusCode));
    });
    wanted.setTimeout(TIMEOUT, () => wanted.destroy(new Error('no answer')));
    wanted.on('error', (error) => done(error.code ?? error.message)).end();
  });
}

async function askAgainAndAgain(agent) {
  while (!isOver) {
    const answer = await ask(agent);
    if (answers.size === 0) console.log(answer);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
}

const agents = Array.from({ length: EACH }, () => [
  new Agent({ keepAlive: true, maxSockets: 1 }),
  new Agent({ keepAlive: false }),
]).flat();
await Promise.all(agents.map(askAgainAndAgain));
console.log([...answers].map(([answer, many]) => `${answer}: ${many}`).join('\n'));
process.exit();
