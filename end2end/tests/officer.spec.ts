// **Admin → Tokens**: everybody's tokens, why each is worth a look, and the file of them.

import AxeBuilder from '@axe-core/playwright';
import { PEOPLE } from '../support/people';
import { createToken, open } from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Tokens' : 'Tokens without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('names whose and why, by what the address asks for', async ({ as }) => {
      const tia = await as('tia', '/settings/auth-tokens');
      const token = await createToken(tia, {
        description: 'Backup script',
        expires: 'Never',
        password: PEOPLE.tia.local,
      });
      const ada = await as('ada', '/admin/users');
      await ada.getByRole('navigation').getByRole('link', { name: 'Tokens', exact: true }).click();
      await expect(ada.getByRole('heading', { name: 'Tokens', level: 1 })).toBeVisible();
      const row = ada.getByRole('row').filter({ hasText: 'Backup script' });
      await expect(row).toHaveCount(1);
      const why = ada.getByRole('columnheader', { name: 'Why', exact: true });
      await expect(why, 'nothing was asked for').toHaveCount(0);
      const says = ada.getByText('each adds the tokens that fit it. “Why” says which.');
      await expect(says, 'there is no such column').toHaveCount(0);
      await expect(ada.getByText('1 token: all that fit.')).toBeVisible();
      await expect(ada.getByLabel('Role', { exact: true })).toHaveValue('');
      expect(await ada.content()).not.toContain(token);

      await ada.getByLabel('Never ends').check();
      await ada.getByLabel('Ends within (days)').fill('14');
      await ada.getByRole('button', { name: 'Filter' }).click();
      await expect(ada, 'only what filters').toHaveURL(
        /\/admin\/tokens\?expiring=14&never_expires=1$/,
      );
      await expect(row).toContainText('Never ends');
      await expect(why).toHaveCount(1);
      await expect(says).toBeVisible();
      await expect(ada.getByLabel('Never ends')).toBeChecked();
      await expect(ada.getByLabel('Ends within (days)')).toHaveValue('14');

      await ada.getByRole('link', { name: 'Of disabled accounts' }).click();
      await expect(ada.getByText('No tokens fit.')).toBeVisible();
      await ada.getByRole('link', { name: 'Clear', exact: true }).click();
      await expect(ada).toHaveURL(/\/admin\/tokens$/);
      await row.getByRole('link', { name: 'tia', exact: true }).click();
      await expect(ada.getByRole('heading', { name: /\(tia\)$/, level: 1 })).toBeVisible();
    });

    test('says what it cannot read', async ({ as }) => {
      const ada = await as('ada', '/admin/tokens?idle=soon');
      await expect(ada.getByText('“soon” is no number of days.')).toBeVisible();
      await expect(ada.getByRole('table')).toHaveCount(0);
    });
  });
}

test('Everybody’s tokens are downloaded as CSV, with the filters of the page', async ({ as }) => {
  const tia = await as('tia', '/settings/auth-tokens');
  const token = await createToken(tia, {
    description: 'Backup script',
    password: PEOPLE.tia.local,
  });
  const ada = await as('ada', '/admin/tokens?never_used=1');
  const [download] = await Promise.all([
    ada.waitForEvent('download'),
    ada.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  const stream = await download.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  expect(text).toMatch(/^\ufeffowner,id,description,/);
  expect(text).toContain('Backup script');
  expect(text).toContain('never used');
  expect(text).not.toContain(token);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`Tokens stand in nobody’s way at 375 pixels, in ${colorScheme}`, async ({ as }) => {
    const tia = await as('tia', '/settings/auth-tokens');
    await createToken(tia, {
      description: 'A description as long as somebody writes it who means it well',
      password: PEOPLE.tia.local,
    });
    const ada = await as('ada');
    await ada.emulateMedia({ colorScheme });
    await ada.setViewportSize({ width: 375, height: 667 });
    for (const path of ['/admin/tokens', '/admin/tokens?never_used=1&full=1&anywhere=1']) {
      await open(ada, path);
      await expect(ada.getByRole('link', { name: 'tia', exact: true })).toBeVisible();
      const over = await ada.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over, path).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page: ada }).setLegacyMode(true).analyze();
      expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
    }
  });
}

test('helen, who helps people one by one, has no such page', async ({ as }) => {
  const helen = await as('helen', '/admin/users');
  await expect(
    helen.getByRole('navigation').getByRole('link', { name: 'Tokens', exact: true }),
  ).toHaveCount(0);
  expect((await helen.goto('/admin/tokens'))!.status()).toBe(403);
  expect((await helen.request.get('/admin/tokens.csv')).status()).toBe(403);
});
