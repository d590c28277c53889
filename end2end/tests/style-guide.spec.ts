// The look of every part, compared with pictures of it.

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';

const FONTS = resolve(__dirname, 'pictures/fonts.json');

/** How wide this machine's fonts write the same words: with others, nothing has the same size. */
async function fonts(page: Page): Promise<string> {
  return page.evaluate(() => {
    const drawing = document.createElement('canvas').getContext('2d')!;
    const widths = ['body', 'pre'].map((selector) => {
      const { fontWeight, fontFamily } = getComputedStyle(document.querySelector(selector)!);
      return [400, fontWeight, 650].map((weight) => {
        drawing.font = `${weight} 100px ${fontFamily}`;
        return Math.round(drawing.measureText('Hamburgefonstiv 0123456789').width);
      });
    });
    return JSON.stringify(widths);
  });
}

// The look of every part, guarded: a change that is meant is taken over with
// `npx playwright test style-guide --update-snapshots`.
for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [375, 1280]) {
    test.describe(`The style guide in ${colorScheme}, ${width} pixels wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });

      test('looks as it did', async ({ page }, { config }) => {
        const answer = await page.goto('/styleguide');
        expect(answer!.status()).toBe(200);
        const mine = await fonts(page);
        if (['all', 'changed'].includes(config.updateSnapshots)) writeFileSync(FONTS, `${mine}\n`);
        test.skip(
          mine !== readFileSync(FONTS, 'utf8').trim(),
          'the pictures were taken with other fonts',
        );
        // Another browser's edges are not a change of ours.
        await expect(page).toHaveScreenshot(`style-guide-${colorScheme}-${width}.png`, {
          fullPage: true,
          animations: 'disabled',
          maxDiffPixelRatio: 0.04,
          threshold: 0.3,
        });
      });
    });
  }
}

test.describe('Colours that the system forces', () => {
  test('leave every part to be seen', async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active' });
    await page.goto('/styleguide');
    const invisible = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'button, .button, input:not([type=hidden]), select, .notice, .card, dialog',
        ),
      ]
        .filter((element) => element.checkVisibility())
        .filter((element) => {
          const { borderTopWidth, borderTopStyle, outlineStyle } = getComputedStyle(element);
          return (
            !element.matches('.plain, [type=checkbox], .theme') &&
            (borderTopStyle === 'none' || borderTopWidth === '0px') &&
            outlineStyle === 'none'
          );
        })
        .map((element) => element.outerHTML.slice(0, 100)),
    );
    expect(invisible).toEqual([]);
  });
});

test('The style guide is for demo mode alone, and needs no script', async ({ page }) => {
  await page.goto('/styleguide');
  await expect(page.getByRole('heading', { name: 'Style guide', level: 1 })).toBeVisible();
  expect(await page.locator('script[type=module], link[rel=modulepreload]').count()).toBe(0);
});
