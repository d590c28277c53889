// From which networks a token was used, on its card. What comes new after seven days, and its
// answer, has its tests where the clock can be moved (server/tests/server/people/networks.rs).

import { PEOPLE } from '../support/people';
import { createToken, open, tokenCard } from '../support/steps';
import { expect, test } from '../support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Networks' : 'Networks without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('that a token was used from stand folded on its card', async ({ as, desk }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const token = await createToken(page, {
        description: 'Backup script',
        password: PEOPLE.tia.local,
      });
      const card = tokenCard(page, 'Backup script');
      expect((await desk.verify(`token ${token}`)).status).toBe(200);
      // Uses are written every two seconds.
      await expect(async () => {
        await open(page, '/settings/auth-tokens');
        await expect(card.getByText('Used from 1 network')).toBeVisible({ timeout: 100 });
      }).toPass();
      const network = card.getByText(/^127\.0\.0\.0\/24, last on \d+ \w+ \d+ UTC$/);
      await expect(network).toBeHidden();
      await card.getByText('Used from 1 network').click();
      await expect(network).toBeVisible();
      // It learns: nothing is asked.
      await expect(card.getByRole('button', { name: 'It was me' })).toHaveCount(0);
    });
  });
}
