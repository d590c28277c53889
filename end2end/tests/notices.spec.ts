// **Notices**: which mails one gets, and the private address of one's calendar.

import { ready } from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Notices' : 'Notices without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('keep the choice of mails', async ({ as }) => {
      const page = await as('tia', '/settings/notices');
      await expect(page.getByRole('heading', { name: 'Notices', level: 1 })).toBeVisible();
      const made = page.getByRole('checkbox', { name: 'a token is made in my name' });
      const ends = page.getByRole('checkbox', { name: 'a token of mine that is in use ends soon' });
      await expect(made).toBeChecked();
      await made.uncheck();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(page.getByText('Your choice of mails has been saved.')).toBeVisible();
      await expect(made).not.toBeChecked();
      await expect(ends).toBeChecked();
    });

    test('show a calendar’s address once, replace it and end it', async ({ as }) => {
      const page = await as('tia', '/settings/notices');
      const address = page.getByLabel('Calendar address');
      await page.getByRole('button', { name: 'Make a calendar address' }).click();
      await expect(page.getByText('Your calendar has a new address. Copy it now.')).toBeVisible();
      await ready(page);
      await expect(address).toHaveValue(/\/calendar\/[0-9a-f]{64}\.ics$/);
      const first = await address.inputValue();
      if (javaScriptEnabled) {
        await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeVisible();
      }
      const replace = page.locator('summary', { hasText: 'Replace the address' });
      await expect(page.getByText('Replace it? Your calendar finds nothing')).toBeHidden();
      await replace.click();
      await expect(page.getByText('Replace it? Your calendar finds nothing')).toBeVisible();
      await expect(address, 'it only asks').toHaveValue(first);
      await page.getByRole('button', { name: 'Yes, replace it' }).click();
      await expect(address).not.toHaveValue(first);
      await page.reload();
      await expect(replace).toBeVisible();
      await expect(address).toHaveCount(0);
      await page.getByRole('button', { name: 'End the address' }).click();
      await expect(page.getByText('The address has ended.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Make a calendar address' })).toBeVisible();
    });
  });
}
