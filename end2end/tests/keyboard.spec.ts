// The desk by the keyboard alone: where the focus goes, and in which order.

import type { Locator } from '@playwright/test';
import { PEOPLE } from '../support/people';
import {
  createToken,
  menuButton,
  open,
  opener,
  ready,
  tokenCard,
  tokenForm,
} from '../support/steps';
import { expect, test } from '../support/test';

test.describe('With the keyboard alone', () => {
  test('the first stop skips to the content', async ({ as }) => {
    const page = await as('tia', '/settings/about-me');
    await page.keyboard.press('Tab');
    await expect(page.locator(':focus')).toHaveText(/skip/i);
    await page.keyboard.press('Enter');
    await expect(page.locator(':focus')).toHaveAttribute('id', 'main');
  });

  test('the menu opens, is walked, closes with Escape and gives the focus back', async ({ as }) => {
    const page = await as('tia', '/settings/about-me');
    const menu = menuButton(page, 'tia');
    const help = page.getByRole('banner').getByRole('link', { name: 'Help', exact: true });
    await menu.focus();
    await page.keyboard.press('Enter');
    await expect(help).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.locator(':focus')).toHaveText('Settings');
    await page.keyboard.press('Escape');
    await expect(help).toBeHidden();
    await expect(menu).toBeFocused();
  });

  test('the Help Desk finds somebody from anywhere, and a slash in a field is a slash', async ({
    as,
  }) => {
    const page = await as('helen', '/settings/about-me');
    await page.keyboard.press('/');
    await expect(page).toHaveURL(/\/admin\/users$/);
    await ready(page);
    const search = page.getByLabel('NetID, name or e-mail');
    await expect(search).toBeFocused();
    await page.keyboard.type('a/b');
    await expect(search).toHaveValue('a/b');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    await expect(search).toBeFocused();
    await page.keyboard.type('sam');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Sam Sample (sam)' })).toBeVisible();
    const tia = await as('tia', '/settings/about-me');
    const left = await tia.evaluate(() =>
      document.dispatchEvent(
        new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true }),
      ),
    );
    expect(left, 'to who may not search it is a key like any other').toBe(true);
  });

  test('the question before revoking keeps the focus inside, and gives it back', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
    await page.getByRole('button', { name: 'Done' }).click();
    const button = opener(tokenCard(page, 'Backup script'), 'Revoke');
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    await expect(dialog).toHaveAccessibleName(/Revoke Backup script\?/);
    for (let step = 0; step < 8; step++) {
      await page.keyboard.press('Tab');
      const outside = await page.evaluate(
        () =>
          document.activeElement !== document.body &&
          !document.activeElement?.closest('dialog, [role=dialog]'),
      );
      expect(outside, `after ${step + 1} steps`).toBe(false);
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
    await expect(button).toBeVisible();
  });

  test('a token is made from the first key to the last', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await opener(page, 'Create token').focus();
    await page.keyboard.press('Enter');
    await expect(tokenForm(page).getByLabel('Description')).toBeFocused();
    await page.keyboard.type('Typed by hand');
    await tokenForm(page).getByLabel('Your local password').focus();
    await page.keyboard.type(PEOPLE.tia.local);
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('New auth token', { exact: true })).toBeFocused();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Done' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('New auth token', { exact: true })).toHaveCount(0);
    await expect(opener(page, 'Create token')).toBeFocused();
  });

  test('Cancel gives the focus back to Create token', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await opener(page, 'Create token').click();
    await opener(tokenForm(page), 'Cancel').click();
    await expect(opener(page, 'Create token')).toBeFocused();
  });

  test('buttons are reached in the order in which they are seen', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    const across = async (scope: Locator, ...names: string[]) => {
      for (const name of names)
        await expect(scope.getByRole('button', { name, exact: true })).toBeVisible();
      const boxes = await Promise.all(
        names.map((name) => scope.getByRole('button', { name, exact: true }).boundingBox()),
      );
      const places = boxes.map((box) => box!.x);
      expect(places, names.join()).toEqual([...places].sort((one, other) => one - other));
      await scope.getByRole('button', { name: names[0], exact: true }).focus();
      await page.keyboard.press('Tab');
      await expect(page.locator(':focus')).toHaveText(names[1]);
    };
    await opener(page, 'Create token').click();
    await across(page.getByRole('dialog'), 'Create', 'Cancel');
    await page.keyboard.press('Escape');
    await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
    await page.getByRole('button', { name: 'Done' }).click();
    await opener(page, 'Revoke').click();
    await across(page.getByRole('dialog'), 'Revoke token', 'Cancel');
    await page.keyboard.press('Escape');
    await opener(page, 'Edit').click();
    await across(page.getByRole('main'), 'Save Changes', 'Cancel');
  });

  test('what was done leaves the focus on the page where its button is gone', async ({ as }) => {
    const page = await as('tia');
    for (let others = 0; others < 3; others++) await as('tia');
    await open(page, '/settings/sessions');
    const main = page.locator('#main');
    const cards = page.getByRole('main').getByRole('listitem').filter({ hasText: '127.0.0.1' });
    await expect(cards).toHaveCount(4);
    const logOut = cards
      .filter({ hasNotText: 'This session' })
      .getByRole('button', { name: 'Log out', exact: true });
    // Four of one browser: the facts tell them apart.
    await expect(logOut.first()).toHaveAccessibleDescription(/Chrome.*127\.0\.0\.1.*Logged in/);
    await logOut.first().click();
    await expect(cards).toHaveCount(3);
    await expect(main).toBeFocused();
    await page.getByRole('button', { name: 'Log out everywhere else' }).click();
    await expect(cards).toHaveCount(1);
    await expect(main).toBeFocused();
  });

  test('so it is on a person’s page', async ({ as }) => {
    const tia = await as('tia', '/settings/auth-tokens');
    await createToken(tia, { description: 'Backup script', password: PEOPLE.tia.local });
    const helen = await as('helen', '/admin/users/tia');
    const main = helen.locator('#main');
    await opener(tokenCard(helen, 'Backup script'), 'Revoke').click();
    const question = helen.getByRole('group', { name: /^Revoke Backup script/ });
    await question.getByLabel('Your local password').fill(PEOPLE.helen.local);
    await question.getByRole('button', { name: 'Revoke token' }).click();
    await expect(helen.getByText('No working auth tokens.')).toBeVisible();
    await expect(main).toBeFocused();
    await opener(helen, 'End all sessions').click();
    await helen.getByRole('button', { name: 'End sessions' }).click();
    await expect(helen.getByText('Not logged in anywhere.')).toBeVisible();
    await expect(main).toBeFocused();
  });
});
