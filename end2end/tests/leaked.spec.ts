// A token that was found is reported under Help, without an account.

import { ready } from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'A report' : 'A report without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('is typed where the address of programs leads, and says what comes next', async ({
      page,
    }) => {
      await page.goto('/leaks');
      await expect(page).toHaveURL(/\/help#leaked-token$/);
      await ready(page);
      const tokens = page.getByLabel('Tokens, one a line');
      const report = page.getByRole('button', { name: 'Report', exact: true });
      const [box, button] = [await tokens.boundingBox(), await report.boundingBox()];
      expect(button!.y - (box!.y + box!.height), 'a gap').toBeGreaterThanOrEqual(8);
      await tokens.fill('nothing of anybody’s');
      await report.click();
      await expect(page.getByRole('heading', { name: 'Received', level: 1 })).toBeVisible();
      await expect(page.getByText('You need do nothing more.')).toBeVisible();
    });
  });
}
