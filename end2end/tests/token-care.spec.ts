// Renewing tokens, finding one among many, and what helps to keep them in order.

import { PEOPLE } from '../support/people';
import {
  createToken,
  expectCleanAddress,
  fillToken,
  logIn,
  open,
  openTokenForm,
  opener,
  ready,
  tokenCard,
  tokenForm,
  withoutNews,
} from '../support/steps';
import { expect, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Renewing' : 'Renewing without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('makes a new secret with the same settings; the old one works on for the overlap', async ({
      as,
      desk,
    }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const old = await createToken(page, {
        description: 'Backup script',
        access: 'Read only',
        networks: '127.0.0.0/8',
        password: LOCAL,
      });
      await open(page, '/settings/auth-tokens');
      await opener(page, 'Renew').click();
      await expect(page.getByRole('heading', { name: 'Renew Backup script' })).toBeVisible();
      const id = /Id ([0-9a-f]{8})/.exec(await tokenCard(page, 'Backup script').innerText())![1];
      await expect(page.getByText(`while the old one (Id ${id}) still works.`)).toBeVisible();
      await page.getByLabel('The old token works for').selectOption({ label: '1 hour' });
      await page.getByRole('button', { name: 'Renew token' }).click();
      const renewed = await page.getByLabel('New auth token', { exact: true }).inputValue();
      const about = await page.getByText('For “Backup script”. Its Id is ').innerText();
      expect(renewed).not.toBe(old);
      for (const token of [old, renewed])
        expect((await desk.verify(`token ${token}`)).status).toBe(200);
      expectCleanAddress(page);
      await open(page, '/settings/auth-tokens');
      const cards = tokenCard(page, 'Backup script');
      await expect(cards).toHaveCount(2);
      const newest = /Its Id is ([0-9a-f]{8})\.$/.exec(about)![1];
      expect(newest).not.toBe(id);
      await expect(cards.first()).toContainText(`Id ${newest}`);
      await expect(cards.first()).toContainText('Read only');
      await expect(cards.first()).toContainText('127.0.0.0/8');
      await expect(cards.last()).toContainText(/Expires in (1 hour|59 minutes|60 minutes)/);
      await open(page, '/settings/activity');
      await expect(page.getByRole('row').filter({ hasText: 'Token renewed' })).toContainText(
        'Backup script',
      );
    });

    test('with no overlap revokes the old one at once', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const old = await createToken(page, { description: 'Leaked', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      await opener(page, 'Renew').click();
      await page
        .getByLabel('The old token works for')
        .selectOption({ label: 'no longer: it stops at once' });
      await page.getByRole('button', { name: 'Renew token' }).click();
      const renewed = await page.getByLabel('New auth token', { exact: true }).inputValue();
      expect((await desk.verify(`token ${old}`)).status).toBe(401);
      expect((await desk.verify(`token ${renewed}`)).status).toBe(200);
    });
  });
}

test('From the log-in to a copied token it takes four steps, by keyboard alone', async ({
  page,
}) => {
  await logIn(page, 'tia');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  // 1: open the form; the focus is on Description.
  await opener(page, 'Create token').press('Enter');
  await expect(tokenForm(page).getByLabel('Description')).toBeFocused();
  // 2: what it is for, and by what right; Enter creates.
  await page.keyboard.type('Backup script');
  await page.keyboard.press('Tab');
  await page.keyboard.type(LOCAL);
  await page.keyboard.press('Enter');
  // 3: the token is there, focused and selected; Copy is next.
  const shown = page.getByLabel('New auth token', { exact: true });
  await expect(shown).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await shown.inputValue());
});

test('A token that nobody sees again is not lost by Escape, and the focus goes back', async ({
  as,
}) => {
  const page = await as('tia', '/settings/auth-tokens');
  await openTokenForm(page);
  await page.keyboard.press('Escape');
  await expect(tokenForm(page)).toHaveCount(0);
  await expect(opener(page, 'Create token')).toBeFocused();
  await createToken(page, { description: 'Kept', password: LOCAL });
  for (let time = 0; time < 3; time++) await page.keyboard.press('Escape');
  await expect(page.getByLabel('New auth token', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(opener(page, 'Create token')).toBeFocused();
});

test('Try it shows what an application sees, and what it would not', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await createToken(page, { description: 'Good', password: LOCAL });
  await page.getByRole('button', { name: 'Try it' }).click();
  const answer = page.getByRole('dialog').getByRole('status').filter({ hasText: 'It works' });
  await expect(answer).toContainText('Remote-User');
  await expect(answer).toContainText('tia');
  await page.getByRole('button', { name: 'Done' }).click();
  await createToken(page, { description: 'Elsewhere', networks: '192.0.2.0/24' });
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByRole('dialog').getByText('its networks do not allow it')).toBeVisible();
});

test('Days of use are drawn as bars, and said in words', async ({ as, desk }) => {
  const page = await as('tia', '/settings/auth-tokens');
  const token = await createToken(page, { description: 'Busy', password: LOCAL });
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(tokenCard(page, 'Busy').getByRole('img')).toHaveCount(0);
  for (let time = 0; time < 3; time++) await desk.verify(`token ${token}`);
  await expect(
    tokenCard(page, 'Busy').getByRole('img', { name: 'Used 3 times in 30 days' }),
  ).toBeVisible();
});

test('Among many tokens one is found by what it is called, and they are put in order', async ({
  as,
}) => {
  const page = await as('tia', '/settings/auth-tokens');
  const wiki = 'Wiki of Büro’s Café';
  const find = page.getByRole('searchbox', { name: 'Find a token' });
  for (const [place, description] of [
    wiki,
    'Backup',
    'Calendar',
    'Mail',
    'Reports',
    'Scanner',
  ].entries()) {
    await expect(find).toHaveCount(0);
    await createToken(page, {
      description,
      password: place ? undefined : LOCAL,
      expires: place === 2 ? '30 days' : '1 year',
    });
    await page.getByRole('button', { name: 'Done' }).click();
  }
  const names = page.getByRole('main').getByRole('listitem').getByRole('heading');
  await expect(names).toHaveText(['Scanner', 'Reports', 'Mail', 'Calendar', 'Backup', wiki]);
  await page.getByLabel('Order').selectOption({ label: 'Description' });
  await expect(names).toHaveText(['Backup', 'Calendar', 'Mail', 'Reports', 'Scanner', wiki]);
  await page.getByLabel('Order').selectOption({ label: 'Next to expire' });
  await expect(names.first()).toHaveText('Calendar');
  await find.fill('RE');
  await expect(names).toHaveText(['Reports']);
  await find.fill("  CAFE\u0301 buro's\u00A0wiki ");
  await expect(names).toHaveText([wiki]);
  await find.fill('nothing like it');
  await expect(page.getByText('No token matches.')).toBeVisible();
});

test('Tokens that nobody has used for 90 days are marked, and revoked together', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await createToken(page, { description: 'Forgotten', expires: 'Never', password: LOCAL });
  // News would bring the desk's own time back.
  await withoutNews(page);
  await page.clock.install();
  await open(page, '/settings/auth-tokens');
  await expect(opener(page, 'Revoke unused')).toHaveCount(0);
  await page.clock.fastForward(91 * 24 * 3600 * 1000);
  await expect(tokenCard(page, 'Forgotten')).toContainText('Unused for 90 days');
  await expect(page.getByText('1 token has not been used for 90 days.')).toBeVisible();
  await opener(page, 'Revoke unused').click();
  await expect(page.getByText('Revoke 1 token that nobody has used for 90 days?')).toBeVisible();
  await page.getByLabel('Your local password').fill(LOCAL);
  await page.getByRole('button', { name: 'Revoke unused tokens' }).click();
  // For the desk no time has passed: its own clock decides.
  await expect(page.getByText('There was no unused token left to revoke.')).toBeVisible();
});

test('Days are written alike in every language, for a caller and the Help Desk', async ({
  browser,
  desk,
}) => {
  for (const [locale, day] of [
    ['de-DE', /^\d{1,2} \w{3} \d{4}$/],
    ['en-US', /^\d{1,2} \w{3} \d{4}$/],
  ] as const) {
    const context = await browser.newContext({ baseURL: desk.url, locale });
    const page = await context.newPage();
    await logIn(page, 'tia');
    await open(page, '/settings/auth-tokens');
    await createToken(page, { description: locale, password: LOCAL });
    await page.getByRole('button', { name: 'Done' }).click();
    const made = tokenCard(page, locale).getByText('Created').getByRole('time');
    await expect(made).toHaveText(day);
    await expect(made).toHaveAttribute('title', /\d{1,2}:\d{2}/);
    await context.close();
  }
});

test('The Help Desk spells the passphrase, and sees when the caller has chosen their own', async ({
  as,
}) => {
  const helen = await as('helen', '/');
  // From anywhere: the search, a name and Enter; Generate; Save.
  await helen.keyboard.press('/');
  await expect(helen).toHaveURL(/\/admin\/users$/);
  await expect(helen.getByLabel('NetID, name or e-mail')).toBeFocused();
  await helen.keyboard.type('sam');
  await helen.keyboard.press('Enter');
  await expect(helen).toHaveURL(/\/admin\/users\/sam$/);
  await ready(helen);
  await helen.getByRole('button', { name: 'Generate' }).click();
  const passphrase = await helen.locator('.passphrase').innerText();
  await helen.getByText('Spell it').click();
  const first = passphrase.split('-')[0];
  const spelt = helen.getByRole('definition').filter({ hasText: /^(\S+ ?)+$/ });
  await expect(helen.getByRole('term').filter({ hasText: new RegExp(`^${first}$`) })).toBeVisible();
  expect(
    (await spelt.allInnerTexts()).some(
      (line) =>
        line
          .split(' ')
          .map((word) => word[0].toLowerCase())
          .join('') === first,
    ),
  ).toBe(true);
  await helen.getByLabel('Your local password').fill(PEOPLE.helen.local);
  await helen.getByRole('button', { name: 'Save Changes' }).click();
  await expect(helen.getByText('Initial local password set for sam.')).toBeVisible();

  const sam = await as('sam', '/settings/about-me');
  await sam.getByLabel('Current password').fill(passphrase);
  await sam.getByLabel('New password', { exact: true }).fill('plum-Zeppelin-orbit-7-walrus');
  await sam.getByLabel('Retype new password').fill('plum-Zeppelin-orbit-7-walrus');
  await sam.getByRole('button', { name: 'Save Changes' }).click();
  await expect(
    helen.getByRole('status').filter({ hasText: 'has chosen a local password of their own.' }),
  ).toBeVisible();
  await expect(helen.locator('.passphrase')).toHaveCount(0);
});

test('The form that the address opens works like any other, and leaves the address', async ({
  as,
}) => {
  const page = await as('tia', '/settings/auth-tokens?create');
  await fillToken(page, { description: 'From the address', password: LOCAL });
  await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByLabel('New auth token', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  expectCleanAddress(page);
  await expect(page).toHaveURL(/auth-tokens$/);
});
