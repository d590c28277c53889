// Two people in two tabs of one browser.

import type { Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import {
  chooseFromMenu,
  fillToken,
  logIn,
  menuButton,
  open,
  openTokenForm,
  ready,
  tokenForm,
  withoutNews,
} from '../support/steps';
import { expect, test } from '../support/test';

/** In another tab of the same browser rae logs out, and ada logs in. */
async function adaComes(rae: Page): Promise<Page> {
  const other = await rae.context().newPage();
  await open(other, '/settings/about-me');
  await chooseFromMenu(other, 'rae', 'Log out');
  await expect(other.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
  await logIn(other, 'ada');
  return other;
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Two tabs' : 'Two tabs without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a page made for one person does nothing as another', async ({ as }) => {
      const rae = await as('rae');
      await withoutNews(rae);
      await open(rae, '/settings/auth-tokens');
      await openTokenForm(rae);
      await fillToken(rae, { description: 'Typed by rae', password: PEOPLE.rae.local });
      const other = await adaComes(rae);
      await tokenForm(rae).getByRole('button', { name: 'Create', exact: true }).click();
      await expect(rae.getByRole('alert').filter({ hasText: /./ })).toHaveText(
        'You are logged in as ada now, and this page was made for rae, so nothing was done. ' +
          'Load the page again to go on as ada, or log in as rae.',
      );
      await expect(rae.getByLabel('New auth token', { exact: true })).toHaveCount(0);
      await open(other, '/settings/auth-tokens');
      await expect(other.getByText('No auth tokens yet.')).toBeVisible();
      await open(other, '/settings/activity');
      await expect(other.getByRole('main')).not.toContainText(/wrong|refused/i);
      await open(rae, '/settings/auth-tokens');
      await expect(menuButton(rae, 'ada')).toBeVisible();
    });
  });
}

test('A page made for one person that asks for something is loaded anew for who is there', async ({
  as,
}) => {
  const rae = await as('rae');
  await withoutNews(rae);
  await open(rae, '/admin/users');
  await adaComes(rae);
  await rae.getByLabel('NetID, name or e-mail').fill('sa');
  await expect(menuButton(rae, 'ada')).toBeVisible();
  await ready(rae);
  await expect(menuButton(rae, 'rae')).toHaveCount(0);
  const words = 'You are logged in as ada now. This page was made for rae, so it was loaded anew.';
  await expect(rae.getByText(words)).toBeVisible();
});
