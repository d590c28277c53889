// Mail as a reader of mail shows it: light and dark, as narrow as a telephone. With MAIL_PICTURES
// in the environment a picture of each goes into that folder, and the plain text beside it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { printed } from '../support/desk';

const PICTURES = process.env.MAIL_PICTURES;

/** The kinds of mail that there are, as the program lists them to whoever names none. */
function kinds(): string[] {
  const listed = printed('mail', 'show', 'none').match(/There are: (.*)\./);
  return listed![1].split(', ');
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 720]) {
    test.describe(`Mail in ${colorScheme}, ${width} pixels wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 720 } });

      test('fits, and can be read', async ({ page }) => {
        const requested: string[] = [];
        page.on('request', (request) => requested.push(request.url()));
        const all = kinds();
        expect(all.length).toBeGreaterThan(5);
        for (const kind of all) {
          await page.setContent(printed('mail', 'show', kind, '--html'));
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect.soft(wide, `${kind} is wider than the screen`).toBeLessThanOrEqual(width);
          const [card, below] = await page.evaluate(() =>
            ['.card', '.below'].map((part) => document.querySelector(part)!.clientWidth),
          );
          // The card has a frame of one pixel on each side.
          expect.soft(below, `${kind}: below the card it is as wide`).toBe(card + 2);
          const { violations } = await new AxeBuilder({ page })
            .setLegacyMode(true)
            .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
            .analyze();
          expect.soft(violations.map(({ id, help }) => `${id}: ${help}`), kind).toEqual([]);
          if (PICTURES) {
            mkdirSync(PICTURES, { recursive: true });
            const path = join(PICTURES, `${kind}-${colorScheme}-${width}.png`);
            await page.screenshot({ path, fullPage: true });
            writeFileSync(join(PICTURES, `${kind}.txt`), printed('mail', 'show', kind));
          }
        }
        expect(requested, 'nothing is loaded from anywhere').toEqual([]);
      });
    });
  }
}
