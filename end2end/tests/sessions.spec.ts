// **Sessions** and **Activity**: where one is logged in, and what happened.

import {
  at,
  createToken,
  expectCleanAddress,
  expectLoggedOut,
  open,
  opener,
} from '../support/steps';
import { PEOPLE } from '../support/people';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Sessions' : 'Sessions without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('show where I am logged in, this one marked', async ({ as }) => {
      await as('tia');
      const page = await as('tia', '/settings/sessions');
      await expect(page.getByRole('heading', { name: 'Sessions', level: 1 })).toBeVisible();
      const sessions = page
        .getByRole('main')
        .getByRole('listitem')
        .filter({ hasText: '127.0.0.1' });
      await expect(sessions).toHaveCount(2);
      await expect(sessions.filter({ hasText: /this/i })).toHaveCount(1);
    });

    test('end one by one', async ({ as }) => {
      const other = await as('tia');
      const page = await as('tia', '/settings/sessions');
      const elsewhere = page
        .getByRole('main')
        .getByRole('listitem')
        .filter({ hasText: '127.0.0.1' })
        .filter({ hasNotText: /this/i });
      await elsewhere.getByRole('button', { name: 'Log out', exact: true }).click();
      await expect(elsewhere).toHaveCount(0);
      expectCleanAddress(page);
      await expectLoggedOut(other);
    });

    test('end everywhere else at once', async ({ as }) => {
      const others = [await as('tia'), await as('tia')];
      const page = await as('tia', '/settings/sessions');
      await opener(page, 'Log out everywhere else').click();
      await expect(
        page.getByRole('main').getByRole('listitem').filter({ hasText: '127.0.0.1' }),
      ).toHaveCount(1);
      expectCleanAddress(page);
      for (const other of others) await expectLoggedOut(other);
      await open(page, '/settings/about-me');
      await expect(page).toHaveURL(at('/settings/about-me'));
    });

    test('of this browser ends with its own Log out', async ({ as }) => {
      const page = await as('tia', '/settings/sessions');
      await page
        .getByRole('main')
        .getByRole('listitem')
        .filter({ hasText: /this/i })
        .getByRole('button', { name: 'Log out', exact: true })
        .click();
      await expect(page.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
    });
  });
}

test('Activity tells what happened to my account, and nothing of others', async ({ as }) => {
  const rae = await as('rae');
  const page = await as('tia', '/settings/auth-tokens');
  const token = await createToken(page, {
    description: 'Backup script',
    password: PEOPLE.tia.local,
  });
  await open(page, '/settings/activity');
  await expect(page.getByRole('heading', { name: 'Activity', level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Backup script');
  await expect(page.getByRole('main')).not.toContainText('rae');
  expect(await page.content()).not.toContain(token);
  await rae.close();
});
