// How the tests in Firefox are run.

import { defineConfig } from '@playwright/test';
import type { Options } from './firefox';

/**
 * The pages in Firefox as distributions build it (`make test-firefox`). Playwright only runs the
 * tests; its own browsers are not used.
 */
export default defineConfig<object, Options>({
  testDir: '.',
  outputDir: '../results/firefox',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['../support/summary.ts']],
  projects: [
    { name: 'Firefox', use: { scripted: true } },
    { name: 'Firefox without JavaScript', use: { scripted: false } },
  ],
});
