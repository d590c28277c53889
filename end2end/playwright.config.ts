// How the browser tests are run.

import { defineConfig } from '@playwright/test';
import { args, executablePath } from '../tools/chromium.mjs';

/**
 * Every test starts a desk of its own (support/desk.ts), so tests run side by side in any order.
 */
export default defineConfig({
  testDir: './tests',
  outputDir: './results',
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  fullyParallel: true,
  workers: 2,
  // What passes at a second try only has a fault, in the test or in the product.
  retries: 0,
  forbidOnly: true,
  // Generous: how fast something is, no test says by the clock; these end only what would never
  // come.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./support/summary.ts']],
  use: {
    browserName: 'chromium',
    // Recording each test for the sake of one that fails takes a quarter of the time:
    // `npm test -- --trace on` where it is wanted.
    screenshot: 'only-on-failure',
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    // What fades from one colour to another has neither while it is looked at.
    contextOptions: { reducedMotion: 'reduce' },
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath, args },
  },
});
