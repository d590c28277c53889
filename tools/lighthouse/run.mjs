// What Lighthouse says of the pages, as on a middling telephone: node run.mjs URL. Fails where one
// falls short.
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { args, executablePath } from '../chromium.mjs';

const desk = process.argv[2];

/** What every page has to reach: scores of 100, blocking time in milliseconds, layout shift. */
const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
const LIMITS = { 'total-blocking-time': 100, 'cumulative-layout-shift': 0 };

const PAGES = [
  ['/login', null],
  ['/settings/auth-tokens', 'tia'],
  ['/admin/users', 'helen'],
  ['/admin/users/tia', 'helen'],
];

async function post(path, cookie, fields) {
  const body = new URLSearchParams({ form: crypto.randomUUID(), ...fields });
  const answer = await fetch(desk + path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', cookie },
    body,
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (
    answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .find((pair) => pair.startsWith('latchkey=')) ?? cookie
  );
}

const cookies = {};
for (const netid of ['tia', 'helen'])
  cookies[netid] = await post('/fn/log_in', '', {
    netid,
    password: `${netid}-netid-password`,
    next: '/',
  });
// A list with something in it.
for (const description of ['Backup script', 'Ticket reports', 'RT command line']) {
  const fields = { description, expires: '90', access: 'full', own_password: 'tia-local-password' };
  cookies.tia = await post('/fn/create_token', cookies.tia, fields);
}

const chrome = await launch({
  chromePath: executablePath,
  chromeFlags: ['--headless=new', ...args],
});
let short = 0;
try {
  for (const [path, netid] of PAGES) {
    const extraHeaders = netid ? { Cookie: cookies[netid] } : {};
    const { lhr } = await lighthouse(desk + path, {
      port: chrome.port,
      logLevel: 'error',
      output: 'json',
      extraHeaders,
    });
    if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
    const scores = Object.entries(LEAST).map(([name, least]) => [
      name,
      Math.round(lhr.categories[name].score * 100),
      least,
    ]);
    const measured = Object.entries(LIMITS).map(([name, most]) => [
      name,
      lhr.audits[name].numericValue,
      most,
    ]);
    console.log(
      `${path.padEnd(24)} ${scores.map(([name, score]) => `${name} ${score}`).join(', ')}; ` +
        measured.map(([name, value]) => `${name} ${Number(value.toFixed(3))}`).join(', '),
    );
    const fallen = [
      ...scores.filter(([, score, least]) => score < least),
      ...measured.filter(([, value, most]) => value > most),
    ];
    if (fallen.length) {
      short++;
      const failed = Object.values(lhr.audits).filter(
        (audit) =>
          audit.score !== null && audit.score < 1 && audit.scoreDisplayMode !== 'informative',
      );
      for (const { node, score } of lhr.audits['layout-shifts']?.details?.items ?? [])
        console.log(`    moved by ${score}: ${node?.selector}`);
      for (const audit of failed)
        console.log(`    ${audit.id}: ${audit.title} ${audit.displayValue ?? ''}`);
    }
  }
} finally {
  await chrome.kill();
}
if (short) {
  console.error(`error: ${short} of ${PAGES.length} pages fall short`);
  process.exit(1);
}
