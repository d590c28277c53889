// How Chromium is started here: for the browser tests, and for what measures pages in it.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where PATH has the first of these programs that there is. */
function find(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/**
 * As tools/common.sh finds it, Chromium without a window of its own first: it draws the same pages,
 * and takes half the time, since each new window's buttons and bars are pages too. Undefined: the
 * one that Playwright has installed.
 */
export const executablePath =
  process.env.CHROMIUM || find('chromium-headless-shell', 'chromium', 'google-chrome');

export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
