// Forms that come late, twice, from elsewhere, too large or spoilt: what becomes of them.

import { PEOPLE } from '../support/people';
import {
  at,
  createToken,
  expectCleanAddress,
  fillLogIn,
  fillToken,
  letterOf,
  open,
  openTokenForm,
  ready,
  send,
  tokenCard,
  tokenForm,
  withoutNews,
} from '../support/steps';
import { expect, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'A form' : 'A form without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('posted after the session ended leads through the log-in back to its text', async ({
      as,
    }) => {
      const page = await as('tia');
      await withoutNews(page);
      await open(page, '/settings/auth-tokens');
      await openTokenForm(page);
      await fillToken(page, {
        description: 'Written before lunch',
        networks: '192.0.2.0/24',
        expires: 'Never',
        password: LOCAL,
      });
      await page.context().clearCookies();
      await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
      await expect(page).toHaveURL(/\/login\?next=/);
      expectCleanAddress(page);
      await ready(page);
      await fillLogIn(page, 'tia', 'wrong-on-the-first-try');
      await expect(page.getByText('Your NetID or password is incorrect.')).toBeVisible();
      await fillLogIn(page, 'tia', PEOPLE.tia.password);
      await expect(page).toHaveURL(at('/settings/auth-tokens'));
      await ready(page);
      await expect(
        page.getByText(
          'Your session had ended before this was sent. Nothing was done: ' +
            'check what you typed and send it again.',
        ),
      ).toBeVisible();
      await expect(page.getByText('No auth tokens yet.')).toBeVisible();
      await expect(tokenForm(page).getByLabel('Description')).toHaveValue('Written before lunch');
      await expect(tokenForm(page).getByLabel('Allowed networks')).toHaveValue('192.0.2.0/24');
      await expect(tokenForm(page).getByLabel('Your local password')).toHaveValue('');
      await tokenForm(page).getByLabel('Your local password').fill(LOCAL);
      await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
      await expect(page.getByLabel('New auth token', { exact: true })).toBeVisible();
      await open(page, '/settings/auth-tokens');
      await expect(tokenCard(page, 'Written before lunch')).toHaveCount(1);
    });

    test('about a password, posted after the session ended, comes back without it', async ({
      as,
    }) => {
      const page = await as('tia');
      await withoutNews(page);
      await open(page, '/settings/about-me');
      await page.getByLabel('Current password').fill(LOCAL);
      await page.getByLabel('New password', { exact: true }).fill('plum-Zeppelin-orbit-7');
      await page.getByLabel('Retype new password').fill('plum-Zeppelin-orbit-7');
      await page.context().clearCookies();
      await page.getByRole('button', { name: 'Save Changes' }).click();
      await expect(page).toHaveURL(/\/login\?next=/);
      const left = decodeURIComponent(
        (await page.context().cookies())
          .map((cookie) => Buffer.from(cookie.value, 'base64url').toString())
          .join(),
      );
      expect(left).not.toContain('Zeppelin');
      expect(left).not.toContain(LOCAL);
      await ready(page);
      await fillLogIn(page, 'tia', PEOPLE.tia.password);
      await expect(page).toHaveURL(at('/settings/about-me'));
      await expect(page.getByLabel('New password', { exact: true })).toHaveValue('');
    });
  });
}

test.describe('A request', () => {
  test('posted twice makes one token', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Only once', password: LOCAL });
    const letter = await letterOf(tokenForm(page));
    const first = await send(page, letter);
    expect(first.status()).toBe(200);
    const again = await Promise.all([send(page, letter), send(page, letter)]);
    for (const answer of again) {
      expect(answer.status()).toBe(409);
      expect(await answer.text()).not.toContain('latchkey_');
    }
    await open(page, '/settings/auth-tokens');
    await expect(tokenCard(page, 'Only once')).toHaveCount(1);
  });

  test('sent by an impatient double click makes one token', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Only once', password: LOCAL });
    await tokenForm(page)
      .getByRole('button', { name: 'Create', exact: true })
      .evaluate((button: HTMLButtonElement) => {
        button.click();
        button.click();
      });
    await expect(page.getByLabel('New auth token', { exact: true })).toBeVisible();
    await open(page, '/settings/auth-tokens');
    await expect(tokenCard(page, 'Only once')).toHaveCount(1);
  });

  test('from a foreign origin, or from nowhere, is refused and does nothing', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Forged', password: LOCAL });
    const letter = await letterOf(tokenForm(page));
    const foreign: Record<string, string>[] = [
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://example.org' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': '', Origin: 'https://example.org' },
      { 'Sec-Fetch-Site': '', Origin: 'null' },
    ];
    for (const headers of foreign) {
      for (const Accept of ['application/json', 'text/html']) {
        const answer = await send(page, letter, { ...headers, Accept });
        expect(answer.status(), JSON.stringify(headers)).toBe(403);
      }
    }
    await open(page, '/settings/auth-tokens');
    await expect(page.getByText('No auth tokens yet.')).toBeVisible();
  });

  test('that another site’s page posts by itself is refused with words', async ({ as, desk }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Forged', password: LOCAL });
    const { action, fields } = await letterOf(tokenForm(page));
    const inputs = Object.entries(fields)
      .map(([name, value]) => `<input name="${name}" value="${value}">`)
      .join('');
    await page.route('http://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<title>x</title><form method="post" action="${desk.url}${action}">${inputs}<button>Win</button></form>`,
      }),
    );
    await page.goto('http://evil.example/');
    await page.getByRole('button', { name: 'Win' }).click();
    await expect(
      page.getByText(
        'This request came from another site and was refused. Open the page again and retry.',
      ),
    ).toBeVisible();
    await open(page, `${desk.url}/settings/auth-tokens`);
    await expect(page.getByText('No auth tokens yet.')).toBeVisible();
  });

  test('of ten megabytes is refused with words, to script and to a plain form', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    const letter = await letterOf(tokenForm(page));
    const huge = {
      ...letter,
      fields: { ...letter.fields, description: 'x'.repeat(10 * 1024 * 1024) },
    };
    for (const Accept of ['application/json', 'text/html']) {
      const answer = await send(page, huge, { Accept });
      expect(answer.status(), Accept).toBe(413);
    }
    await open(page, '/settings/auth-tokens');
    await expect(page.getByText('No auth tokens yet.')).toBeVisible();
  });

  test('that cannot be read as its form is refused, and nothing breaks', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    const { action } = await letterOf(tokenForm(page));
    const origin = new URL(page.url()).origin;
    for (const data of [
      '',
      'description',
      'description=%ff%fe',
      '{"description":"x"}',
      '&&&===',
      'expires=30&'.repeat(2000),
    ]) {
      const answer = await page.request.post(origin + action, {
        data: Buffer.from(data),
        maxRedirects: 0,
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded',
          Origin: origin,
          'Sec-Fetch-Site': 'same-origin',
          Accept: 'application/json',
        },
      });
      expect([400, 403, 415, 422], data.slice(0, 30)).toContain(answer.status());
      expect(await answer.text()).not.toMatch(/panick|src\/|missing field|backtrace/i);
    }
  });

  test('with a token that is none is refused, whatever is wrong with it', async ({ as, desk }) => {
    const page = await as('tia', '/settings/auth-tokens');
    const token = await createToken(page, { description: 'Good', password: LOCAL });
    const last = token.endsWith('0') ? '1' : '0';
    for (const credential of [
      '',
      'token',
      'token latchkey_',
      `token ${token.slice(0, -1)}${last}`,
      `token ${token}x`,
      `token latchkey_${'a'.repeat(36)}`,
      `Basic ${Buffer.from(`sam:${token}`).toString('base64')}`,
      'Basic ???',
      `Digest ${token}`,
    ]) {
      const answer = await fetch(`${desk.url}/auth/verify`, {
        headers: credential ? { Authorization: credential } : {},
      });
      expect(answer.status, credential.slice(0, 12)).toBe(401);
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Basic realm=.*charset="UTF-8"/);
      expect(answer.headers.get('Remote-User')).toBeNull();
    }
    expect(
      (await fetch(`${desk.url}/auth/verify?token=${token}&access_token=${token}`)).status,
    ).toBe(401);
    expect(
      (
        await fetch(`${desk.url}/auth/verify`, {
          method: 'POST',
          body: new URLSearchParams({ access_token: token, token }),
        })
      ).status,
    ).toBe(401);
    expect((await desk.verify(`token ${token}`)).status).toBe(200);
  });
});
