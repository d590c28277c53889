// How long making a token takes, from the click to the secret on the screen, in the browser's own
// measure: node tools/bench-page.mjs DESK [RT]. RT: the address of a Request Tracker (root,
// rootpass123) to make tokens at too.
import { chromium } from '../end2end/node_modules/@playwright/test/index.mjs';
import { args, executablePath } from './chromium.mjs';

const [desk, tracker] = process.argv.slice(2);
const TIMES = 15;
const ROOT = { name: 'root', password: process.env.RT_PASSWORD ?? 'rootpass123' };
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/**
 * In the page: notes the time of the next click on `button`, on whichever page; and of the first
 * frame that shows `secret`.
 */
function watch([button, secret]) {
  addEventListener(
    'click',
    (event) => {
      if (event.target.closest?.(button))
        sessionStorage.setItem('clicked', String(performance.timeOrigin + performance.now()));
    },
    true,
  );
  const look = () => {
    const shown = document.querySelector(secret);
    if (shown && !shown.dataset.timed && sessionStorage.getItem('clicked')) {
      shown.dataset.timed = '1';
      requestAnimationFrame(() =>
        setTimeout(() => {
          window.took =
            performance.timeOrigin + performance.now() - Number(sessionStorage.getItem('clicked'));
          sessionStorage.removeItem('clicked');
        }),
      );
    }
  };
  addEventListener('DOMContentLoaded', look);
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

const browser = await chromium.launch({ executablePath, args });

async function took(page) {
  await page.waitForFunction(() => window.took !== undefined);
  return page.evaluate(() => {
    const { took } = window;
    delete window.took;
    return took;
  });
}

const page = await browser.newPage();
await page.addInitScript(watch, ['dialog button[type=submit]', '#fresh-token']);
await page.goto(`${desk}/login`);
await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
await page.getByLabel('NetID', { exact: true }).fill('tia');
await page.getByLabel('Password', { exact: true }).fill('tia-netid-password');
await page.getByRole('button', { name: 'Log in', exact: true }).click();
await page.getByRole('heading', { name: 'Auth Tokens' }).waitFor();
await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
const times = [];
for (let time = 0; time <= TIMES; time++) {
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('Description').fill(`Measured ${time}`);
  if (time === 0) await page.getByLabel('Your local password').fill('tia-local-password');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  times.push(await took(page));
  await page.getByRole('button', { name: 'Done' }).click();
}
const [withPassword, ...others] = times;
const own = median(others);
console.log(
  `Latchkey: ${own.toFixed(0)} ms from the click to the secret (median of ${TIMES}, ` +
    `the most ${Math.max(...others).toFixed(0)}); ` +
    `with the local password to be checked ${withPassword.toFixed(0)} ms`,
);

if (tracker) {
  const page = await browser.newPage();
  // RT shows the token on a page of its own after the form: `1-<user id>-<32 hex digits>`.
  await page.addInitScript(() => {
    addEventListener(
      'click',
      (event) => {
        if (event.target.matches?.('input[name=Create]'))
          sessionStorage.setItem('clicked', String(performance.timeOrigin + performance.now()));
      },
      true,
    );
    addEventListener('DOMContentLoaded', () => {
      const clicked = sessionStorage.getItem('clicked');
      if (!clicked || !/\b1-\d+-[0-9a-f]{32}\b/.test(document.body.innerText)) return;
      sessionStorage.removeItem('clicked');
      requestAnimationFrame(() =>
        setTimeout(() => {
          window.took = performance.timeOrigin + performance.now() - Number(clicked);
        }),
      );
    });
  });
  await page.goto(tracker);
  await page.locator('input[name=user]').fill(ROOT.name);
  await page.locator('input[name=pass]').fill(ROOT.password);
  await page.locator('input[type=submit]').first().click();
  await page.waitForLoadState();
  const theirs = [];
  for (let time = 0; time < 5; time++) {
    await page.goto(`${tracker}/Prefs/AuthTokens.html`);
    await page.locator('a[href="#create-auth-token"]').click();
    await page.locator('#create-auth-token input[name=Password]').fill(ROOT.password);
    await page.locator('#create-auth-token input[name=Description]').fill(`Measured ${time}`);
    await page.locator('#create-auth-token input[name=Create]').click();
    theirs.push(await took(page));
  }
  console.log(
    `Request Tracker: ${median(theirs).toFixed(0)} ms (median of ${theirs.length}), ` +
      `${(median(theirs) / withPassword).toFixed(0)} times as long as Latchkey with its password`,
  );
}
await browser.close();
