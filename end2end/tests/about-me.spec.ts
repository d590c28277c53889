// **About Me**: who one is, and one’s own local password, changed or refused.

import type { Page } from '@playwright/test';
import { OWN_CHOICE, PEOPLE } from '../support/people';
import { at, createToken, expectCleanAddress, open } from '../support/steps';
import { expect, test } from '../support/test';

async function change(page: Page, current: string, fresh: string, retyped = fresh) {
  await page.getByLabel('Current password').fill(current);
  await page.getByLabel('New password', { exact: true }).fill(fresh);
  await page.getByLabel('Retype new password').fill(retyped);
  await page.getByRole('button', { name: 'Save Changes' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'About Me' : 'About Me without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('says who I am, as the directory does', async ({ as }) => {
      const page = await as('tia', '/settings/about-me');
      await expect(page.getByRole('heading', { name: 'About Me', level: 1 })).toBeVisible();
      const identity = page.getByRole('main');
      for (const words of ['NetID', 'tia', 'E-mail', 'Role', 'Staff'])
        await expect(identity.getByText(words, { exact: true }).first()).toBeVisible();
    });

    test('changes my local password, and the old one is good for nothing', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
      await open(page, '/settings/about-me');
      await change(page, PEOPLE.tia.local, OWN_CHOICE);
      await expect(
        page.getByRole('status').filter({
          hasText: 'Your local password has been changed. Your auth tokens keep working.',
        }),
      ).toBeVisible();
      await expect(page.getByRole('link', { name: /revoke/i })).toBeVisible();
      await expect(page.getByRole('link', { name: 'Log out everywhere else' })).toHaveAttribute(
        'href',
        '/settings/sessions',
      );
      expectCleanAddress(page);
      await open(page, '/settings/about-me');
      await change(page, PEOPLE.tia.local, `${OWN_CHOICE}-2`);
      await expect(page.getByText('Your current password is incorrect.')).toBeVisible();
      await change(page, OWN_CHOICE, `${OWN_CHOICE}-3`);
      await expect(page.getByText('Your local password has been changed.')).toBeVisible();
    });

    test('tells who has no local password what to say on the phone, and what happens then', async ({
      as,
    }) => {
      const page = await as('sam');
      for (const path of ['/settings/about-me', '/settings/auth-tokens']) {
        await open(page, path);
        await expect(
          page.getByText(
            'You do not have a local password yet. Contact the Help Desk and ask them to set one.',
          ),
        ).toBeVisible();
        await expect(
          page.getByText('Say: “My NetID is sam. Please set a first local password for me.”'),
        ).toBeVisible();
        await expect(
          page.getByText(
            'They read an initial password out to you, good for 7 days. Choose your own with it ' +
              'under Settings, About Me; then make your auth tokens.',
          ),
        ).toBeVisible();
      }
    });

    const refused: [string, string, string, string | undefined, string | RegExp, string][] = [
      [
        'no current password',
        '',
        OWN_CHOICE,
        undefined,
        'Please enter your current password.',
        'Current password',
      ],
      [
        'a wrong current password',
        'not-it-at-all',
        OWN_CHOICE,
        undefined,
        'Your current password is incorrect.',
        'Current password',
      ],
      [
        'a wrong current password that ends with a space',
        `${PEOPLE.tia.local} `,
        OWN_CHOICE,
        undefined,
        'What you typed begins or ends with a space: was that meant?',
        'Current password',
      ],
      [
        'a new one that ends with a space',
        PEOPLE.tia.local,
        `${OWN_CHOICE} `,
        undefined,
        'A space at the beginning or end is easily lost. Leave it out.',
        'New password',
      ],
      [
        'two that differ',
        PEOPLE.tia.local,
        OWN_CHOICE,
        `${OWN_CHOICE}!`,
        'The passwords do not match.',
        'Retype new password',
      ],
      [
        'a short one',
        PEOPLE.tia.local,
        'Short-1!',
        undefined,
        'Use at least 12 characters.',
        'New password',
      ],
      [
        'a common one',
        PEOPLE.tia.local,
        'passwordpassword',
        undefined,
        /^This password is too easy to guess: .+\.$/,
        'New password',
      ],
      [
        'a guessable one',
        PEOPLE.tia.local,
        'aaaaaaaaaaaaaa',
        undefined,
        /^This password is too easy to guess: .+\.$/,
        'New password',
      ],
      [
        'my own NetID over and over',
        PEOPLE.tia.local,
        'tiatiatiatiatia',
        undefined,
        /^This password is too easy to guess: .+\.$/,
        'New password',
      ],
      [
        '257 characters',
        PEOPLE.tia.local,
        'Rough-Egret-41 '.repeat(18).slice(0, 257),
        undefined,
        'Use at most 256 characters.',
        'New password',
      ],
      [
        'the one I have',
        PEOPLE.tia.local,
        PEOPLE.tia.local,
        undefined,
        'Choose a password that differs from your current one.',
        'New password',
      ],
      [
        'my NetID password',
        PEOPLE.tia.local,
        PEOPLE.tia.password,
        undefined,
        'The NetID password and the local password must differ. Choose another one.',
        'New password',
      ],
    ];
    for (const [what, current, fresh, retyped, words, field] of refused) {
      test(`refuses ${what}, beside its field, and keeps no password`, async ({ as }) => {
        const page = await as('tia', '/settings/about-me');
        await page
          .locator('form')
          .evaluateAll((forms) =>
            forms.forEach((form) => ((form as HTMLFormElement).noValidate = true)),
          );
        await change(page, current, fresh, retyped);
        const wrong = page.getByLabel(field, { exact: true });
        await expect(wrong).toHaveAttribute('aria-invalid', 'true');
        await expect(wrong).toHaveAccessibleDescription(
          typeof words === 'string'
            ? new RegExp(words.replace(/[.]/g, '\\.'))
            : new RegExp(words.source.replace(/[\^$]/g, '')),
        );
        await expect(wrong).toBeFocused();
        for (const name of ['New password', 'Retype new password'])
          await expect(page.getByLabel(name, { exact: true })).toHaveValue('');
        // Where the new one is refused, the current one was right; without script nothing is kept.
        const kept = javaScriptEnabled && field !== 'Current password' ? current : '';
        await expect(page.getByLabel('Current password')).toHaveValue(kept);
        expectCleanAddress(page);
      });
    }

    test('takes every Unicode character in a password', async ({ as }) => {
      const page = await as('tia', '/settings/about-me');
      const fresh = 'Žluťoučký kůň 🐎 пьёт воду';
      await change(page, PEOPLE.tia.local, fresh);
      await expect(page.getByText('Your local password has been changed.')).toBeVisible();
    });
  });
}

test('About Me shows passwords when asked, and how strong the new one is', async ({ as }) => {
  const page = await as('tia', '/settings/about-me');
  const fresh = page.getByLabel('New password', { exact: true });
  await expect(fresh).toHaveAttribute('type', 'password');
  await page.getByLabel('Show passwords').check();
  await expect(fresh).toHaveAttribute('type', 'text');
  await page.getByLabel('Show passwords').uncheck();
  await expect(fresh).toHaveAttribute('type', 'password');
  const meter = page.getByRole('meter');
  await fresh.fill('aaaaaaaaaaaaaa');
  await expect(page.getByText(/too easy to guess/)).toBeVisible();
  await expect(meter).toHaveJSProperty('value', 0);
  await fresh.fill(OWN_CHOICE);
  await expect(meter).toHaveJSProperty('value', 4);
});

test('What was wrong with a new password is not said of the next one', async ({ as }) => {
  const page = await as('tia', '/settings/about-me');
  await change(page, PEOPLE.tia.local, 'Short-1!');
  const fresh = page.getByLabel('New password', { exact: true });
  await expect(fresh).toHaveAttribute('aria-invalid', 'true');
  await fresh.fill(OWN_CHOICE);
  await expect(page.getByText('Strong', { exact: true })).toBeVisible();
  await expect(fresh).not.toHaveAttribute('aria-invalid');
  await expect(page.getByRole('main')).not.toContainText('Use at least 12 characters.');
  // The current one is still there: only the new one is typed again.
  await page.getByLabel('Retype new password').fill(OWN_CHOICE);
  await page.getByRole('button', { name: 'Save Changes' }).click();
  await expect(page.getByText('Your local password has been changed.')).toBeVisible();
  await expect(page.getByLabel('Current password')).toHaveValue('');
});

test('How a passphrase that was read out is typed is said while it is the initial one', async ({
  as,
}) => {
  const current = (page: Page) => page.getByLabel('Current password');
  const tia = await as('tia', '/settings/about-me');
  await expect(current(tia)).toHaveAccessibleDescription('');
  const helen = await as('helen', '/admin/users/sam');
  await helen.getByLabel('Your local password', { exact: true }).fill(PEOPLE.helen.local);
  await helen.getByLabel('New password for sam').fill(OWN_CHOICE);
  await helen.getByLabel('Retype new password').fill(OWN_CHOICE);
  await helen.getByRole('button', { name: 'Save Changes' }).click();
  await expect(helen.getByText(/Initial local password set for sam\./)).toBeVisible();
  const sam = await as('sam', '/settings/about-me');
  await expect(current(sam)).toHaveAccessibleDescription(
    'One that was read out to you: small letters, hyphens between the words.',
  );
});

test('A link after the change leads to revoking every token', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
  await open(page, '/settings/about-me');
  await change(page, PEOPLE.tia.local, OWN_CHOICE);
  await page.getByRole('link', { name: /revoke/i }).click();
  await expect(page).toHaveURL(at('/settings/auth-tokens'));
  await expect(page.getByText('Revoke all your auth tokens?')).toBeVisible();
});

test('Guest, who is not privileged, has no form on About Me', async ({ as }) => {
  const page = await as('guest', '/settings/about-me');
  await expect(
    page
      .getByText(
        'Your account is not allowed to have a local password or auth tokens. ' +
          'Contact the Help Desk if you need them.',
      )
      .first(),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save Changes' })).toHaveCount(0);
});
