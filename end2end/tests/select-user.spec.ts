// **Select User**: finding people.

import { expectCleanAddress, open } from '../support/steps';
import { expect, test } from '../support/test';

const SEARCH = 'NetID, name or e-mail';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Select User' : 'Select User without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('finds people by Enter, the query in the address', async ({ as }) => {
      const page = await as('helen', '/admin/users');
      await expect(page.getByRole('heading', { name: 'Select User', level: 1 })).toBeVisible();
      await page.getByLabel(SEARCH).fill('exam');
      await page.getByLabel(SEARCH).press('Enter');
      await expect(page).toHaveURL(/\/admin\/users\?q=exam(&|$)/);
      await expect(page.getByRole('row')).toHaveCount(8);
      await open(page, page.url());
      await expect(page.getByLabel(SEARCH)).toHaveValue('exam');
      await expect(page.getByRole('row')).toHaveCount(8);
    });

    test('opens the person when Enter finds exactly one', async ({ as }) => {
      const page = await as('helen', '/admin/users');
      await page.getByLabel(SEARCH).fill('sam');
      await page.getByLabel(SEARCH).press('Enter');
      await expect(page).toHaveURL(/\/admin\/users\/sam$/);
      await expect(page.getByRole('heading', { name: /\(sam\)$/, level: 1 })).toBeVisible();
    });

    test('takes capitals and spaces around, and says when nobody is found', async ({ as }) => {
      const page = await as('rae', '/admin/users');
      await page.getByLabel(SEARCH).fill('  SAM ');
      await page.getByLabel(SEARCH).press('Enter');
      await expect(page).toHaveURL(/\/admin\/users\/sam$/);
      await open(page, '/admin/users');
      await page.getByLabel(SEARCH).fill('nobody-of-that-name');
      await page.getByLabel(SEARCH).press('Enter');
      await expect(page.getByText(/^Nobody found for/).first()).toBeVisible();
      expectCleanAddress(page);
    });
  });
}

test('Select User finds as one types, NetID first, with what the Help Desk needs to see', async ({
  as,
}) => {
  const page = await as('helen', '/admin/users');
  const head = page.getByRole('columnheader');
  await page.getByLabel(SEARCH).pressSequentially('sa');
  await expect(page.getByRole('row').nth(1)).toContainText('sam');
  for (const name of ['NetID', 'Name', 'E-mail', 'Role', 'Local password', 'Tokens'])
    await expect(head.filter({ hasText: new RegExp(`^${name}$`, 'i') })).toHaveCount(1);
  await expect(page).toHaveURL(/\?q=sa$/);
  await expect(page.getByLabel(SEARCH)).toBeFocused();
});

test('Select User is operated by arrows and Enter', async ({ as }) => {
  const page = await as('helen', '/admin/users');
  // At once: of what is found letter by letter, each answer draws the rows anew.
  await page.getByLabel(SEARCH).fill('exam');
  await expect(page.getByRole('row')).toHaveCount(8);
  const second = (await page
    .getByRole('row')
    .nth(2)
    .getByRole('cell')
    .or(page.getByRole('row').nth(2).getByRole('rowheader'))
    .first()
    .textContent())!.trim();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/admin/users/${second}$`));
});

test('Select User never runs what is typed', async ({ as }) => {
  const page = await as('helen');
  for (const query of [
    '<img src=x onerror=alert(1)>',
    "' OR true; --",
    '%',
    '*',
    '\u0000',
    'a'.repeat(500),
  ]) {
    await open(page, '/admin/users');
    await page.getByLabel(SEARCH).fill(query);
    await page.getByLabel(SEARCH).press('Enter');
    await expect(page.getByText(/^Nobody found for/).first(), query.slice(0, 20)).toBeVisible();
  }
});
