// Logging in and out, and the session’s cookie.

import { PEOPLE } from '../support/people';
import {
  chooseFromMenu,
  expectCleanAddress,
  fillLogIn,
  letterOf,
  logIn,
  menuButton,
  open,
  ready,
  send,
} from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Logging in' : 'Logging in without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('leads to the place that was asked for', async ({ page }) => {
      await open(page, '/settings/sessions?from=a-bookmark');
      await expect(page).toHaveURL(/\/login\?next=/);
      await expect(page.getByRole('heading', { name: 'Log in', level: 1 })).toBeVisible();
      await fillLogIn(page, 'tia', PEOPLE.tia.password);
      await expect(page).toHaveURL(/\/settings\/sessions\?from=a-bookmark$/);
      await expect(page.getByRole('heading', { name: 'Sessions', level: 1 })).toBeVisible();
    });

    test('never leads to another site', async ({ page, desk }) => {
      for (const next of [
        'https://example.org/',
        '//example.org/',
        '/\\example.org/',
        'javascript:alert(1)',
      ]) {
        // A page of who was logged in before would go to the log-in by itself.
        await page.goto('about:blank');
        await page.context().clearCookies();
        await open(page, `/login?next=${encodeURIComponent(next)}`);
        await fillLogIn(page, 'tia', PEOPLE.tia.password);
        await expect(menuButton(page, 'tia'), next).toBeVisible();
        expect(new URL(page.url()).origin, next).toBe(desk.url);
      }
    });

    test('takes a NetID in capitals and with spaces around', async ({ page }) => {
      await open(page, '/login');
      await fillLogIn(page, '  TIA ', PEOPLE.tia.password);
      await expect(menuButton(page, 'tia')).toBeVisible();
    });

    test('says the same of a wrong password and an unknown or disabled account', async ({
      page,
    }) => {
      const attempts = [
        ['tia', 'wrong'],
        ['nobody-here', 'wrong'],
        ['not a netid!', 'wrong'],
        ['dave', PEOPLE.dave.password],
        ['tia', ''],
      ] as const;
      for (const [netid, password] of attempts) {
        await open(page, '/login');
        await page
          .locator('form')
          .evaluateAll((forms) =>
            forms.forEach((form) => ((form as HTMLFormElement).noValidate = true)),
          );
        await fillLogIn(page, netid, password);
        await expect(
          page.getByRole('alert').filter({ hasText: 'Your NetID or password is incorrect.' }),
          netid,
        ).toBeVisible();
        await expect(page.getByLabel('NetID', { exact: true })).toHaveValue(netid);
        await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
        expectCleanAddress(page);
      }
    });

    test('slows down after wrong passwords, with the seconds to wait', async ({ page }) => {
      await open(page, '/login');
      const form = page
        .locator('form')
        .filter({ has: page.getByRole('button', { name: 'Log in', exact: true }) });
      // The wait is over after a second at first: where the machine is slower than that, each round
      // makes it longer.
      await expect(async () => {
        await page.getByLabel('NetID', { exact: true }).fill('tia');
        await page.getByLabel('Password', { exact: true }).fill('wrong again');
        const letter = await letterOf(form);
        const status = async () => (await send(page, letter)).status();
        await expect.poll(status, { intervals: [10] }).toBe(429);
        await form.getByRole('button', { name: 'Log in', exact: true }).click();
        await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveText(
          /^Too many attempts\. Try again in (1 second|([2-9]|10) seconds)\.$/,
          { timeout: 2_000 },
        );
      }).toPass();
      expectCleanAddress(page);
    });

    test('lists the demo accounts under the form', async ({ page }) => {
      await open(page, '/login');
      for (const who of Object.values(PEOPLE))
        await expect(page.getByRole('cell', { name: who.password })).toBeVisible();
    });

    test('ends with Log out, and the browser’s Back shows nothing', async ({ page }) => {
      await open(page, '/login');
      await fillLogIn(page, 'tia', PEOPLE.tia.password);
      await expect(menuButton(page, 'tia')).toBeVisible();
      await ready(page);
      await chooseFromMenu(page, 'tia', 'Auth Tokens');
      await expect(page.getByRole('heading', { name: 'Auth Tokens', level: 1 })).toBeVisible();
      await chooseFromMenu(page, 'tia', 'Log out');
      await expect(page.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
      await page.goto('/settings/auth-tokens');
      await expect(page).toHaveURL(/\/login\?next=/);
      await page.goBack();
      await expect(menuButton(page, 'tia')).toHaveCount(0);
    });
  });
}

test('The session’s cookie is out of the reach of script and of other sites', async ({ page }) => {
  await logIn(page, 'tia');
  const cookies = (await page.context().cookies()).filter((one) => one.name.includes('latchkey'));
  // The session's, and the one by which this browser is known when somebody guesses at the account.
  expect(cookies.map((one) => one.name).sort()).toEqual(['latchkey', 'latchkey-device']);
  for (const cookie of cookies)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
});

test('A session’s id changes at every log-in', async ({ page }) => {
  const seen = new Set<string>();
  for (let time = 0; time < 2; time++) {
    await open(page, '/login');
    await fillLogIn(page, 'tia', PEOPLE.tia.password);
    await expect(menuButton(page, 'tia')).toBeVisible();
    await ready(page);
    seen.add((await page.context().cookies()).find((one) => one.name === 'latchkey')!.value);
    await chooseFromMenu(page, 'tia', 'Log out');
    await expect(page.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
  }
  expect(seen.size).toBe(2);
});
