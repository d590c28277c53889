// Every page by axe: in light and dark, on small screens and enlarged.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ADMIN_PAGES, OWN_PAGES } from '../support/pages';
import { PEOPLE } from '../support/people';
import {
  createToken,
  fillLogIn,
  menuButton,
  open,
  openTokenForm,
  opener,
  tokenCard,
  tokenForm,
} from '../support/steps';
import { expect, test } from '../support/test';

const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function expectAccessible(page: Page, state: string) {
  // Without frames axe needs no page of its own to put together what it found in each, which takes
  // longer than all it looks at.
  expect(page.frames(), state).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .withTags(LEVELS)
    .analyze();
  const found = violations.map(({ id, help, nodes }) => {
    const places = nodes.map((node) => `${node.target.join(' ')} — ${node.failureSummary}`);
    return `${id}: ${help}\n  ${places.join('\n  ')}`;
  });
  expect.soft(found.join('\n'), state).toBe('');
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`In ${colorScheme}, nothing stands in anybody’s way on`, () => {
    test.use({ colorScheme });

    test('the log-in page and its refusal', async ({ page }) => {
      await open(page, '/login');
      await expectAccessible(page, 'log in');
      await fillLogIn(page, 'tia', 'wrong');
      await expect(page.getByRole('alert').filter({ hasText: 'incorrect' })).toBeVisible();
      await expectAccessible(page, 'refused');
    });

    test('the settings of somebody without and with a local password', async ({ as }) => {
      const sam = await as('sam');
      for (const path of ['/settings/about-me', '/settings/auth-tokens']) {
        await open(sam, path);
        await expectAccessible(sam, `sam ${path}`);
      }
      const tia = await as('tia');
      for (const path of ['/', ...OWN_PAGES, '/no-such-page', '/admin/audit']) {
        await open(tia, path);
        await expectAccessible(tia, `tia ${path}`);
      }
      await menuButton(tia, 'tia').click();
      await expectAccessible(tia, 'menu open');
    });

    test('Auth Tokens in each of its states', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      await expectAccessible(page, 'empty');
      await openTokenForm(page);
      await expectAccessible(page, 'form');
      await tokenForm(page).evaluate((form: HTMLFormElement) => {
        form.noValidate = true;
      });
      await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
      await expect(tokenForm(page).locator('[aria-invalid=true]').first()).toBeVisible();
      await expectAccessible(page, 'form refused');
      await open(page, '/settings/auth-tokens');
      await createToken(page, {
        description: 'Backup script',
        password: PEOPLE.tia.local,
        access: 'Read only',
      });
      await expectAccessible(page, 'new token');
      await page.getByRole('button', { name: 'Done' }).click();
      await expectAccessible(page, 'list');
      await opener(tokenCard(page, 'Backup script'), 'Edit').click();
      await expect(page.getByLabel('Description')).toBeVisible();
      await expectAccessible(page, 'edit');
      await open(page, '/settings/auth-tokens');
      await opener(tokenCard(page, 'Backup script'), 'Revoke').click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page, 'question');
      await page.getByRole('button', { name: 'Revoke token' }).click();
      await expect(opener(page, 'Revoke')).toHaveCount(0);
      await page
        .locator('summary')
        .filter({ hasText: /revoked/i })
        .click();
      await expectAccessible(page, 'folded list open');
    });

    test('the admin pages', async ({ as }) => {
      const ada = await as('ada');
      for (const path of [
        ...ADMIN_PAGES,
        '/admin/users?q=a',
        '/admin/users?q=nobody-of-that-name',
        '/admin/users/sam',
        '/admin/users/ada',
        '/admin/users/nobody-here',
      ]) {
        await open(ada, path);
        await expectAccessible(ada, path);
      }
      await open(ada, '/admin/users/sam');
      await ada.getByRole('button', { name: 'Generate' }).click();
      await ada.getByText('Spell it').click();
      await expectAccessible(ada, 'generated');
    });

    test('the style guide', async ({ page }) => {
      await page.goto('/styleguide');
      await expectAccessible(page, 'style guide');
    });
  });
}

for (const [what, viewport] of [
  ['At 320 pixels', { width: 320, height: 640 }],
  ['At 200 % of 1280 pixels', { width: 640, height: 400 }],
] as const) {
  test.describe(`${what}, nothing is cut off or stands in the way on`, () => {
    test.use({ viewport });

    test('Auth Tokens, its dialogs and the admin pages', async ({ as }) => {
      const wide = (page: Page) =>
        page.evaluate(() =>
          Math.max(
            ...[document.documentElement, ...document.querySelectorAll('dialog[open]')].map(
              (box) => box.scrollWidth - box.clientWidth,
            ),
          ),
        );
      const expectFit = async (page: Page, state: string) => {
        expect.soft(await wide(page), `${state} scrolls sideways`).toBeLessThanOrEqual(0);
        await expectAccessible(page, state);
      };
      const tia = await as('tia', '/settings/auth-tokens');
      await openTokenForm(tia);
      await expectFit(tia, 'form');
      await tokenForm(tia).getByRole('button', { name: 'Create', exact: true }).click();
      await expect(tokenForm(tia).locator('[aria-invalid=true]').first()).toBeVisible();
      await expectFit(tia, 'form refused');
      await open(tia, '/settings/auth-tokens');
      await createToken(tia, {
        description: 'A description of a considerable length, for a script',
        password: PEOPLE.tia.local,
      });
      await tia.getByRole('button', { name: 'Try it' }).click();
      await expect(tia.getByRole('dialog').getByText('It works.')).toBeVisible();
      await expectFit(tia, 'new token, tried');
      await tia.getByRole('button', { name: 'Done' }).click();
      await expectFit(tia, 'list');
      await opener(tia, 'Renew').click();
      await expect(tia.getByRole('dialog')).toBeVisible();
      await expectFit(tia, 'renew');
      await tia.keyboard.press('Escape');
      for (const path of OWN_PAGES) {
        await open(tia, path);
        await expectFit(tia, path);
      }
      const ada = await as('ada');
      for (const path of ['/admin/users?q=a', ...ADMIN_PAGES]) {
        await open(ada, path);
        await expectFit(ada, path);
      }
    });
  });
}
