// **Audit**: its rows, its filters, its files, and whether the chain verifies.

import type { Locator } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, expectCleanAddress, fillLogIn, open } from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Audit' : 'Audit without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('tells what happened, newest first, and filters by what stands in the address', async ({
      as,
      page,
    }) => {
      const tia = await as('tia', '/settings/auth-tokens');
      const token = await createToken(tia, {
        description: 'Backup script',
        password: PEOPLE.tia.local,
      });
      await open(page, '/login');
      await fillLogIn(page, 'rae', 'wrong-password-of-rae');
      await expect(page.getByText('Your NetID or password is incorrect.')).toBeVisible();

      const ada = await as('ada', '/admin/audit');
      await expect(ada.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();
      const rows = ada.getByRole('table').getByRole('row');
      // The refusal's row is written a moment after it, before or after the log-in that followed.
      const [came, made] = [
        rows.filter({ hasText: 'ada' }).filter({ hasText: 'Logged in' }),
        rows.filter({ hasText: 'Backup script' }),
      ];
      for (const row of [came, made]) await expect(row).toHaveCount(1);
      const place = (row: Locator) => row.evaluate((line: HTMLTableRowElement) => line.rowIndex);
      expect(await place(came)).toBeLessThan(await place(made));
      expect(await ada.content()).not.toContain(token);
      expect(await ada.content()).not.toContain('wrong-password-of-rae');

      await ada.getByLabel('Actor').fill('tia');
      await ada.getByRole('button', { name: /^(Filter|Show|Search|Apply)/ }).click();
      await expect(ada).toHaveURL(/actor=tia/);
      await expect(rows.filter({ hasText: 'Backup script' })).toHaveCount(1);
      await expect(rows.filter({ hasText: 'rae' })).toHaveCount(0);
      await expect(
        rows.filter({ hasText: 'Backup script' }),
        'in words, with the code',
      ).toContainText('Token created');
      await expect(
        rows.filter({ hasText: 'Backup script' }).getByText('token.create', { exact: true }),
      ).toBeVisible();
      await expect(ada.getByLabel('Actor')).toHaveValue('tia');
      expectCleanAddress(ada);

      await open(ada, '/admin/audit?outcome=refused');
      await expect(rows.filter({ hasText: 'rae' }).first()).toBeVisible();
      await expect(rows.filter({ hasText: 'Backup script' })).toHaveCount(0);

      await open(ada, '/admin/audit?from=2000-01-01&to=2000-01-02');
      await expect(rows.filter({ hasText: 'tia' })).toHaveCount(0);
      await open(ada, '/admin/audit?action=no.such.action');
      await expect(ada.getByText('No rows match these filters.')).toBeVisible();
      await ada.getByLabel('Action').fill('tokn.create');
      await ada.getByRole('button', { name: 'Filter' }).click();
      await expect(ada, 'only what filters').toHaveURL(/audit\?action=tokn\.create$/);
      await expect(ada.getByText('There is no action “tokn.create”. Nearest:')).toBeVisible();
      await expect(ada.getByLabel('Action')).toHaveValue('tokn.create');
      await ada.getByRole('link', { name: 'token.create', exact: true }).click();
      await expect(ada.getByLabel('Action')).toHaveValue('token.create');
      await expect(rows.filter({ hasText: 'Backup script' })).toHaveCount(1);
    });

    test('a person’s page tells staff in words', async ({ as }) => {
      const ada = await as('ada', '/admin/users/ada');
      const history = ada.getByRole('region', { name: 'History' });
      await expect(history.getByText('Logged in').first()).toBeVisible();
      await expect(history).not.toContainText('log-in');
    });

    test('what is refused again and again has one row a minute, by nobody before a log-in', async ({
      as,
      page,
    }) => {
      const tries = 3;
      for (let nth = 0; nth < tries; nth += 1) {
        await open(page, '/login');
        await fillLogIn(page, 'tia', 'wrong');
        await expect(page.getByText('Your NetID or password is incorrect.')).toBeVisible();
      }
      const ada = await as('ada', '/admin/users/tia');
      const row = ada
        .getByRole('region', { name: 'History' })
        .getByRole('row')
        .filter({ hasText: 'Log-in refused' });
      await expect(row).toHaveCount(1);
      await expect(row.locator('[data-label=By]')).toHaveText('');
      const identity = ada.getByRole('region', { name: 'Identity' });
      await expect(identity).toContainText(/Set on \d+ \w{3} \d{4}/);
      await ada.setViewportSize({ width: 375, height: 800 });
      await expect(row.locator('[data-label=By]'), 'no empty line on a telephone').toBeHidden();
      await open(ada, '/admin/audit?subject=tia');
      const rows = ada.getByRole('table').getByRole('row').filter({ hasText: 'Log-in refused' });
      await expect(rows).toHaveCount(1);
      await expect(rows.first()).toContainText('Wrong NetID or password');
      await expect(rows.first().locator('time')).toHaveText(/^\d+ \w{3} \d{4} \d\d:\d\d:\d\d$/);
    });

    test('says whether its chain verifies', async ({ as }) => {
      const ada = await as('ada', '/admin/audit');
      await ada.getByRole('button', { name: 'Verify the chain' }).click();
      await expect(ada.getByText(/The chain holds: \d+ rows read/)).toBeVisible();
    });
  });
}

test('The audit is downloaded as CSV and as JSON lines', async ({ as }) => {
  const ada = await as('ada', '/admin/audit');
  for (const [name, first] of [
    [/CSV/, /^\ufeffid,/],
    [/JSON/, /^\{"/],
  ] as const) {
    const [download] = await Promise.all([
      ada.waitForEvent('download'),
      ada.getByRole('link', { name }).click(),
    ]);
    const stream = await download.createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    expect(text).toMatch(first);
    expect(text).toContain('ada');
    for (const place of ['node', 'seq', 'prev', 'hash'])
      expect(text.split('\n')[0], 'can be held against the store').toContain(place);
  }
});
