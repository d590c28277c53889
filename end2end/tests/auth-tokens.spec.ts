// **Auth Tokens**: making, editing and revoking them, and what each opens.

import { PEOPLE } from '../support/people';
import {
  createToken,
  expectCleanAddress,
  fillToken,
  open,
  openTokenForm,
  opener,
  revoke,
  tokenCard,
  tokenForm,
} from '../support/steps';
import { expect, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;
const RIGHT_TO_LEFT = '\u202E';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Auth Tokens' : 'Auth Tokens without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('begin with an empty list and one button', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await expect(page.getByText('No auth tokens yet.')).toBeVisible();
      await expect(opener(page, 'Create token')).toBeVisible();
    });

    test('are led to by the link of a mail, and the card is marked', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Backup script', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      const card = tokenCard(page, 'Backup script');
      const colour = () => card.evaluate((element) => getComputedStyle(element).borderColor);
      const before = await colour();
      const id = await card.getByRole('heading').getAttribute('id');
      await page.goto(`/settings/auth-tokens?token=${id!.slice('token-'.length)}`);
      await expect(page).toHaveURL(new RegExp(`/settings/auth-tokens#${id}$`));
      await expect.poll(colour).not.toBe(before);
    });

    test('are shown once, with lines to paste, and never again', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const token = await createToken(page, { description: 'Backup script', password: LOCAL });
      await expect(page.getByRole('heading', { name: 'Your new auth token' })).toBeVisible();
      await expect(
        page.getByText('Treat it like a password. You will not see it again.'),
      ).toBeVisible();
      await expect(page.getByLabel('New auth token', { exact: true })).toHaveJSProperty(
        'readOnly',
        true,
      );
      await expect(page.getByText(`Authorization: token ${token}`).first()).toBeVisible();
      for (const language of ['curl', 'Python', 'RT'])
        await expect(page.getByText(language).first()).toBeVisible();
      expectCleanAddress(page);
      expect(await desk.verify(`token ${token}`)).toEqual({ status: 200, user: 'tia' });
      await open(page, '/settings/auth-tokens');
      await expect(tokenCard(page, 'Backup script')).toBeVisible();
      expect(await page.content()).not.toContain(token);
      await expect(page.getByLabel('New auth token', { exact: true })).toHaveCount(0);
    });

    test('stand newest first, with access, creation, use and expiry', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Older', password: LOCAL, expires: '90 days' });
      await open(page, '/settings/auth-tokens');
      await createToken(page, {
        description: 'Newer',
        expires: 'Never',
        access: 'Read only',
        networks: '127.0.0.0/8',
      });
      await open(page, '/settings/auth-tokens');
      const names = page.getByRole('main').getByRole('listitem').getByRole('heading');
      await expect(names).toHaveText(['Newer', 'Older']);
      await expect(tokenCard(page, 'Newer')).toContainText('Read only');
      await expect(tokenCard(page, 'Newer')).toContainText('127.0.0.0/8');
      await expect(tokenCard(page, 'Older')).toContainText('Never used');
      await expect(tokenCard(page, 'Older')).toContainText(/Expires/);
    });

    test('ask for the local password once in five minutes', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'First', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      await openTokenForm(page);
      await expect(tokenForm(page).getByLabel('Your local password')).toHaveCount(0);
    });

    test('that are read only forbid requests that change something', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const token = await createToken(page, {
        description: 'Reader',
        access: 'Read only',
        password: LOCAL,
      });
      for (const [method, status] of [
        ['GET', 200],
        ['HEAD', 200],
        ['POST', 403],
        ['DELETE', 403],
      ] as const) {
        const answer = await fetch(`${desk.url}/auth/verify`, {
          method,
          headers: { Authorization: `token ${token}` },
        });
        expect(answer.status, method).toBe(status);
      }
    });

    test('work only from their networks', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const token = await createToken(page, {
        description: 'From the server room',
        networks: '192.0.2.0/24',
        password: LOCAL,
      });
      expect((await desk.verify(`token ${token}`)).status).toBe(403);
    });

    test('may be named in any script', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      for (const description of [
        'Bücher & <b>Briefe</b>',
        '備份 👩‍👩‍👧',
        'نسخ احتياطي',
        '"; DROP TABLE token; --',
      ]) {
        await createToken(page, {
          description,
          password:
            (await page.getByLabel('Your local password').count()) || description.startsWith('B')
              ? LOCAL
              : undefined,
        });
        await open(page, '/settings/auth-tokens');
        await expect(tokenCard(page, description)).toBeVisible();
      }
    });

    test('can be edited, and keep their secret', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const token = await createToken(page, { description: 'Before', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      await opener(tokenCard(page, 'Before'), 'Edit').click();
      const form = page.locator('form').filter({ has: page.getByLabel('Description') });
      await expect(form.getByLabel('Description')).toHaveValue('Before');
      await form.getByLabel('Description').fill('After');
      await form.getByLabel('Allowed networks').fill('127.0.0.1');
      await form.getByRole('button', { name: /^Save/ }).click();
      await expect(tokenCard(page, 'After')).toContainText('127.0.0.1/32');
      await expect(tokenCard(page, 'Before')).toHaveCount(0);
      expectCleanAddress(page);
      expect((await desk.verify(`token ${token}`)).status).toBe(200);
    });

    test('that are edited wrongly keep what was typed', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Before', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      await opener(tokenCard(page, 'Before'), 'Edit').click();
      const form = page.locator('form').filter({ has: page.getByLabel('Description') });
      await form.getByLabel('Description').fill('After');
      await form.getByLabel('Allowed networks').fill('the library');
      await form.getByRole('button', { name: /^Save/ }).click();
      await expect(form.getByLabel('Allowed networks')).toHaveAttribute('aria-invalid', 'true');
      await expect(form.getByLabel('Description')).toHaveValue('After');
      await expect(form.getByLabel('Allowed networks')).toHaveValue('the library');
      expectCleanAddress(page);
      await open(page, '/settings/auth-tokens');
      await expect(tokenCard(page, 'Before')).toBeVisible();
    });

    test('are revoked one by one, after a question', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const gone = await createToken(page, { description: 'Old laptop', password: LOCAL });
      await open(page, '/settings/auth-tokens');
      const kept = await createToken(page, { description: 'New laptop' });
      await open(page, '/settings/auth-tokens');
      await opener(tokenCard(page, 'Old laptop'), 'Revoke').click();
      await expect(
        page.getByText('Revoke Old laptop? The application using it stops working at once.'),
      ).toBeVisible();
      await expect(page.locator('p.hint', { hasText: /^Id [0-9a-f]{8}$/ })).toBeVisible();
      await opener(page, 'Cancel').click();
      expect((await desk.verify(`token ${gone}`)).status).toBe(200);
      await revoke(page, 'Old laptop');
      await expect(opener(page, 'Revoke')).toHaveCount(1);
      expect((await desk.verify(`token ${gone}`)).status).toBe(401);
      expect((await desk.verify(`token ${kept}`)).status).toBe(200);
      expectCleanAddress(page);
      await page
        .locator('summary')
        .filter({ hasText: /revoked/i })
        .click();
      await expect(tokenCard(page, 'Old laptop')).toContainText(/Revoked .* by you/);
    });

    test('are all revoked together', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const tokens: string[] = [];
      for (const description of ['One', 'Two']) {
        tokens.push(
          await createToken(page, { description, password: tokens.length ? undefined : LOCAL }),
        );
        await open(page, '/settings/auth-tokens');
      }
      await opener(page, 'Revoke all').click();
      await page.getByRole('button', { name: 'Revoke all tokens' }).click();
      await expect(opener(page, 'Revoke')).toHaveCount(0);
      await expect(page.getByText('No working auth tokens.', { exact: true })).toBeVisible();
      for (const token of tokens) expect((await desk.verify(`token ${token}`)).status).toBe(401);
      expectCleanAddress(page);
    });

    const refused: [string, Parameters<typeof fillToken>[1], string, string][] = [
      [
        'a blank description',
        { description: '   ' },
        'Description',
        'Description cannot be blank.',
      ],
      [
        'a description of 300 characters',
        { description: 'x'.repeat(300) },
        'Description',
        'Use at most 255 characters for the description.',
      ],
      [
        'marks that reorder text',
        { description: `pay${RIGHT_TO_LEFT}lap` },
        'Description',
        'The description contains invisible characters.',
      ],
      [
        'control characters',
        { description: 'be\u0007ll' },
        'Description',
        'The description contains invisible characters.',
      ],
      [
        'a date in the past',
        { description: 'Late', expires: 'Custom date', date: '2020-01-31' },
        'Custom date',
        'That date is in the past. Choose a later one.',
      ],
      [
        'no date',
        { description: 'Undated', expires: 'Custom date' },
        'Custom date',
        'Choose when the token expires.',
      ],
      [
        'networks that are none',
        { description: 'Anywhere', networks: '10.0.0.0/8, campus' },
        'Allowed networks',
        '“campus” is not a network.',
      ],
      [
        'no local password',
        { description: 'Unproven', password: '' },
        'Your local password',
        'Please enter your local password.',
      ],
      [
        'a wrong local password',
        { description: 'Unproven', password: 'not-it-at-all' },
        'Your local password',
        'Your local password is incorrect.',
      ],
    ];
    for (const [what, token, field, words] of refused) {
      test(`are not made with ${what}; the form keeps the rest`, async ({ as }) => {
        const page = await as('tia', '/settings/auth-tokens');
        await openTokenForm(page);
        await page.locator('form').evaluateAll((forms) =>
          forms.forEach((form) => {
            (form as HTMLFormElement).noValidate = true;
            form
              .querySelectorAll('[maxlength]')
              .forEach((input) => input.removeAttribute('maxlength'));
          }),
        );
        await fillToken(page, { password: LOCAL, ...token });
        await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
        const form = tokenForm(page);
        const wrong = form.getByLabel(field);
        await expect(wrong).toHaveAttribute('aria-invalid', 'true');
        await expect(wrong).toHaveAccessibleDescription(
          new RegExp(words.replace(/[.()]/g, '\\$&')),
        );
        await expect(wrong).toBeFocused();
        await expect(form.getByLabel('Description')).toHaveValue(token.description);
        if (token.networks)
          await expect(form.getByLabel('Allowed networks')).toHaveValue(token.networks);
        const password = form.getByLabel('Your local password');
        if (await password.count()) await expect(password).toHaveValue('');
        expectCleanAddress(page);
        await open(page, '/settings/auth-tokens');
        await expect(page.getByText('No auth tokens yet.')).toBeVisible();
      });
    }
  });
}

test('A new token is copied with one click, and gone with Done', async ({ as }) => {
  const page = await as('tia');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, '/settings/auth-tokens');
  const token = await createToken(page, { description: 'Backup script', password: LOCAL });
  await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
  await expect(page.getByText('Copied').first()).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByLabel('New auth token', { exact: true })).toHaveCount(0);
  expect(await page.content()).not.toContain(token);
});

test('Whoever has no local password finds the way to get one instead of the button', async ({
  as,
}) => {
  for (const netid of ['sam', 'guest'] as const) {
    const page = await as(netid);
    await open(page, '/settings/auth-tokens');
    await expect(opener(page, 'Create token')).toHaveCount(0);
    await expect(page.getByText(/Contact the Help Desk/).first()).toBeVisible();
  }
});
