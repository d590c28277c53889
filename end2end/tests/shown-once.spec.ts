// A new token or passphrase is shown once: not by a reload, the way back, or a cache.

import { type BrowserContext, chromium, type Locator, type Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import {
  browser,
  createToken,
  fillToken,
  letterOf,
  logIn,
  open,
  openTokenForm,
  ready,
  send,
  tokenCard,
  tokenForm,
} from '../support/steps';
import { expect, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;
const TOKEN = /latchkey_[0-9A-Za-z]{36}/;

/** Nothing of a token is on the page, nor in what the page was told. */
async function expectNoToken(page: Page) {
  expect(await page.content()).not.toMatch(TOKEN);
  await expect(page.getByLabel('New auth token', { exact: true })).toHaveCount(0);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'A new token' : 'A new token without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('is not shown again by a reload', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Backup script', password: LOCAL });
      await page.reload();
      await ready(page);
      await expect(tokenCard(page, 'Backup script')).toBeVisible();
      await expectNoToken(page);
    });

    test('is not shown again by the way back and forth', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Backup script', password: LOCAL });
      await page.goto('/help');
      await page.goBack();
      await ready(page);
      await expectNoToken(page);
      await page.goForward();
      await page.goBack();
      await ready(page);
      await expectNoToken(page);
    });

    test('is not shown in another tab, and not lost to it', async ({ as }) => {
      const page = await as('tia');
      const other = await page.context().newPage();
      await open(page, '/settings/auth-tokens');
      const token = await createToken(page, { description: 'Backup script', password: LOCAL });
      await open(other, '/settings/auth-tokens');
      await expect(tokenCard(other, 'Backup script')).toBeVisible();
      await expectNoToken(other);
      const second = await createToken(other, { description: 'In the other tab' });
      expect(second).not.toBe(token);
      await expect(page.getByLabel('New auth token', { exact: true })).toHaveValue(token);
    });

    test('is kept by no cache', async ({ as }) => {
      const page = await as('tia');
      const answer = await page.goto('/settings/auth-tokens');
      expect(answer!.headers()['cache-control']).toBe('no-store');
    });
  });
}

test('Leaving before Done asks, and staying loses nothing', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  const token = await createToken(page, { description: 'Backup script', password: LOCAL });
  const shown = page.getByLabel('New auth token', { exact: true });
  const [dialog] = await Promise.all([
    page.waitForEvent('dialog'),
    page.evaluate(() => {
      setTimeout(() => location.assign('/help'));
    }),
  ]);
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await expect(shown).toHaveValue(token);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(shown).toHaveCount(0);
  page.on('dialog', () => {
    throw new Error('nothing is asked once it is done');
  });
  await open(page, '/help');
});

test('What a page was told is not left in it', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await expect(page.locator('#data')).toHaveCount(0);
});

/** Playwright switches off what keeps whole pages for the way back; here it is on. */
test.describe('Where the browser keeps whole pages for the way back', () => {
  for (const scripted of [true, false]) {
    test(`${scripted ? 'a token' : 'a token made without JavaScript'} is not shown again`, async ({
      desk,
      launchOptions,
    }) => {
      const kept = await chromium.launch({
        ...launchOptions,
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      });
      try {
        browser.scripted = scripted;
        const context = await kept.newContext({ baseURL: desk.url, javaScriptEnabled: scripted });
        const page = await loggedIn(context);
        await open(page, '/settings/auth-tokens');
        await createToken(page, { description: 'Backup script', password: LOCAL });
        await page.goto('/help');
        // A page that was kept loads nothing: there is no more to wait for.
        await page.goBack({ waitUntil: 'commit' });
        await expect(page.getByRole('heading', { name: 'Auth Tokens', level: 1 })).toBeVisible();
        await expect.poll(() => page.content()).not.toMatch(TOKEN);
        await expectNoToken(page);
      } finally {
        await kept.close();
      }
    });
  }

  test('a passphrase is not shown again', async ({ desk, launchOptions }) => {
    const kept = await chromium.launch({
      ...launchOptions,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    try {
      browser.scripted = true;
      const page = await (await kept.newContext({ baseURL: desk.url })).newPage();
      await logIn(page, 'helen');
      await open(page, '/admin/users/sam');
      await page.getByRole('button', { name: 'Generate' }).click();
      const words = await page.getByText(/^[a-z]+(-[a-z]+){4}$/).textContent();
      await page.goto('/help');
      await page.goBack({ waitUntil: 'commit' });
      await expect(page.getByLabel('New password for sam')).toHaveValue('');
      await expect(page.getByLabel('Retype new password')).toHaveValue('');
      expect(await page.content()).not.toContain(words!);
    } finally {
      await kept.close();
    }
  });
});

async function loggedIn(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await logIn(page, 'tia');
  return page;
}

/** How much of it is cut off, across and down. */
const cutOff = (box: Locator) =>
  box.evaluate((element) => [
    element.scrollWidth - element.clientWidth,
    element.scrollHeight - element.clientHeight,
  ]);

/** How many lines it takes. */
const lines = (box: Locator) =>
  box.evaluate((element) => {
    const style = getComputedStyle(element);
    const height =
      element.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    return Math.round(height / (parseFloat(style.lineHeight) || 1.5 * parseFloat(style.fontSize)));
  });

for (const javaScriptEnabled of [true, false]) {
  for (const width of [1280, 768, 375]) {
    test.describe(`At ${width} pixels${javaScriptEnabled ? '' : ' without JavaScript'}`, () => {
      test.use({ javaScriptEnabled, viewport: { width, height: 800 } });

      test('the token and the lines below it are whole', async ({ as }) => {
        const page = await as('tia', '/settings/auth-tokens');
        await createToken(page, { description: 'Backup script', password: LOCAL });
        const token = page.getByLabel('New auth token', { exact: true });
        expect(await cutOff(token)).toEqual([0, 0]);
        if (width >= 768) expect(await lines(token), 'in one line where it fits').toBe(1);
        for (const snippet of await page.locator('dialog details.snippet').all()) {
          if (!(await snippet.evaluate((details: HTMLDetailsElement) => details.open)))
            await snippet.locator('summary').click();
          const pre = snippet.locator('pre');
          const [across] = await cutOff(pre);
          expect(across, await snippet.locator('summary').innerText()).toBe(0);
          const written = (await pre.textContent())!.split('\n').length;
          if (width === 1280) expect(await lines(pre), await pre.innerText()).toBe(written);
        }
        const dialog = page.getByRole('dialog');
        expect((await cutOff(dialog))[0]).toBe(0);
      });
    });
  }
}

for (const javaScriptEnabled of [true, false]) {
  for (const [width, height] of [
    [375, 667],
    [320, 568],
  ]) {
    const how = javaScriptEnabled ? '' : ' without JavaScript';
    test.describe(`On a phone of ${width} by ${height} pixels${how}`, () => {
      test.use({ javaScriptEnabled, viewport: { width, height } });

      test('the new token is shown from its heading on', async ({ as }) => {
        const page = await as('tia', '/settings/auth-tokens');
        await createToken(page, { description: 'Backup script', password: LOCAL });
        const dialog = page.getByRole('dialog');
        const token = page.getByLabel('New auth token', { exact: true });
        if (javaScriptEnabled) await expect(token).toBeFocused();
        await expect.poll(() => dialog.evaluate((element) => element.scrollTop)).toBe(0);
        for (const part of [page.getByRole('heading', { name: 'Your new auth token' }), token])
          await expect(part).toBeInViewport({ ratio: 1 });
      });
    });
  }
}

test('Two tokens made at once without JavaScript are each shown', async ({
  browser: chrome,
  desk,
  contextOptions,
}) => {
  browser.scripted = false;
  const context = await chrome.newContext({
    ...contextOptions,
    baseURL: desk.url,
    javaScriptEnabled: false,
  });
  const page = await loggedIn(context);
  await open(page, '/settings/auth-tokens');
  await createToken(page, { description: 'To confirm the session', password: LOCAL });
  await open(page, '/settings/auth-tokens');
  await openTokenForm(page);
  await fillToken(page, { description: 'In another tab' });
  // Another tab's form is answered, and its page not asked for yet.
  const answer = await send(page, await letterOf(tokenForm(page)), { Accept: 'text/html' });
  expect(answer.status()).toBe(303);
  await fillToken(page, { description: 'In this one' });
  await tokenForm(page)
    .locator('input[name=form]')
    .evaluate((key: HTMLInputElement) => {
      key.value = 'another form';
    });
  await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
  const shown: string[] = [];
  for (const description of ['In another tab', 'In this one']) {
    await expect(page.getByText(`For “${description}”.`)).toBeVisible();
    shown.push(await page.getByLabel('New auth token', { exact: true }).inputValue());
    await open(page, '/settings/auth-tokens');
  }
  expect(new Set(shown).size).toBe(2);
  for (const token of shown) expect((await desk.verify(`token ${token}`)).status).toBe(200);
  await expectNoToken(page);
  await context.close();
});
