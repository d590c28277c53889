// Pictures and recordings of the guides; only when asked.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { OWN_CHOICE, PEOPLE } from '../support/people';
import { createToken, fillToken, open, openTokenForm } from '../support/steps';
import { expect, test } from '../support/test';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = {
  readme: resolve(ROOT, 'docs/screenshots'),
  help: resolve(ROOT, 'style/assets/help'),
  guides: resolve(ROOT, 'docs/guides'),
};

/**
 * The pictures of README.md and of the Help page, taken anew only when asked: UPDATE_PICTURES=1.
 */
test.describe('Pictures', () => {
  test.skip(!process.env.UPDATE_PICTURES, 'taken with UPDATE_PICTURES=1 only');
  test.use({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });

  test('of Auth Tokens, for the README', async ({ as, desk }) => {
    const page = await as('tia', '/settings/auth-tokens');
    const backup = await createToken(page, {
      description: 'Backup script',
      expires: 'Never',
      access: 'Read only',
      networks: '127.0.0.0/8',
      password: PEOPLE.tia.local,
    });
    await page.getByRole('button', { name: 'Done' }).click();
    const reports = await createToken(page, {
      description: 'Ticket reports on the shared drive',
      expires: '1 year',
    });
    await page.getByRole('button', { name: 'Done' }).click();
    await createToken(page, { description: 'RT command line, laptop', expires: '90 days' });
    await page.getByRole('button', { name: 'Done' }).click();
    for (const token of [backup, reports])
      expect((await desk.verify(`token ${token}`)).status).toBe(200);
    await expect(page.getByText(/Used .+ from/)).toHaveCount(2);
    await take(page, 'readme', 'auth-tokens', 560);
  });

  test('for the guide "Create an auth token"', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Backup script', expires: '90 days' });
    await take(page, 'help', 'create-token', 800);
  });

  test('for the guide "Set or change your local password"', async ({ as }) => {
    const page = await as('tia', '/settings/about-me');
    await take(page, 'help', 'change-password', 800);
  });

  test('for the guide of the Help Desk', async ({ as }) => {
    const page = await as('helen', '/admin/users/sam');
    await page.getByRole('button', { name: 'Generate' }).click();
    await take(page, 'help', 'set-first-password', 800);
  });
});

/** Recordings of the guides, silent, for docs/guides: RECORD_GUIDES=1, with ffmpeg. */
test.describe('Recordings', () => {
  test.skip(!process.env.RECORD_GUIDES, 'made with RECORD_GUIDES=1 only');
  test.use({ viewport: { width: 960, height: 640 }, colorScheme: 'light' });
  test.slow();

  test('of the guide "Create an auth token"', async ({ as }) => {
    const page = await as('tia');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open(page, '/settings/about-me');
    await record(page, 'create-token', async (see) => {
      await see(page.locator('summary').filter({ hasText: 'Logged in as' }));
      await see(page.getByRole('banner').getByRole('link', { name: 'Auth Tokens' }));
      await see(page.getByRole('button', { name: 'Create token' }));
      await see(page.getByLabel('Description'), 'Backup script');
      await see(page.getByLabel('Your local password'), PEOPLE.tia.local);
      await see(page.getByRole('button', { name: 'Create', exact: true }));
      await see(page.getByRole('button', { name: 'Copy', exact: true }));
      await see(page.getByRole('button', { name: 'Try it' }));
      await see(page.getByRole('button', { name: 'Done' }));
    });
  });

  test('of the guide "Set or change your local password"', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await record(page, 'change-password', async (see) => {
      await see(page.locator('summary').filter({ hasText: 'Logged in as' }));
      await see(page.getByRole('banner').getByRole('link', { name: 'About Me' }));
      await see(page.getByLabel('Current password'), PEOPLE.tia.local);
      await see(page.getByLabel('New password', { exact: true }), OWN_CHOICE);
      await see(page.getByLabel('Retype new password'), OWN_CHOICE);
      await see(page.getByRole('button', { name: 'Save Changes' }));
    });
  });

  test('of the guide of the Help Desk', async ({ as }) => {
    const page = await as('helen', '/settings/auth-tokens');
    await record(page, 'set-first-password', async (see) => {
      await see(page.getByRole('link', { name: 'Admin' }));
      await see(page.getByLabel('NetID, name or e-mail'), 'sam');
      await see(page.getByRole('link', { name: 'sam', exact: true }));
      await see(page.getByRole('button', { name: 'Generate' }));
      await see(page.getByText('Spell it'));
      await see(page.getByLabel('Your local password'), PEOPLE.helen.local);
      await see(page.getByRole('button', { name: 'Save Changes' }));
    });
  });
});

type See = (what: Locator, typed?: string) => Promise<void>;

/**
 * Records what is done on a page, at a pace that can be followed. What Playwright brings for this
 * wants a download of its own.
 */
async function record(page: Page, name: string, act: (see: See) => Promise<void>) {
  const frames = mkdtempSync(join(tmpdir(), 'latchkey-guide-'));
  const wire = await page.context().newCDPSession(page);
  const taken: { file: string; at: number }[] = [];
  wire.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    const file = join(frames, `${String(taken.length).padStart(5, '0')}.png`);
    writeFileSync(file, Buffer.from(data, 'base64'));
    taken.push({ file, at: metadata.timestamp! });
    void wire.send('Page.screencastFrameAck', { sessionId });
  });
  await wire.send('Page.startScreencast', { format: 'png', everyNthFrame: 1 });
  const pause = () => page.waitForTimeout(900);
  await pause();
  await act(async (what, typed) => {
    await what.waitFor();
    await what.hover();
    if (typed === undefined) await what.click();
    else {
      await what.click();
      await what.pressSequentially(typed, { delay: 60 });
    }
    await pause();
  });
  await pause();
  await wire.send('Page.stopScreencast');
  const end = Date.now() / 1000;
  const list = taken
    .map(({ file, at }, place) => {
      const seconds = Math.max(0.02, (taken[place + 1]?.at ?? end) - at);
      return `file '${file}'\nduration ${seconds.toFixed(3)}\n`;
    })
    .join('');
  writeFileSync(join(frames, 'list'), list);
  mkdirSync(FOLDERS.guides, { recursive: true });
  const codec = [
    '-c:v',
    'libvpx-vp9',
    '-b:v',
    '0',
    '-crf',
    '40',
    '-row-mt',
    '1',
    '-pix_fmt',
    'yuv420p',
    '-an',
  ];
  execFileSync('ffmpeg', [
    '-loglevel',
    'error',
    '-y',
    '-f',
    'concat',
    '-safe',
    '0',
    '-i',
    join(frames, 'list'),
    '-vf',
    'fps=10,scale=960:-2',
    ...codec,
    join(FOLDERS.guides, `${name}.webm`),
  ]);
  rmSync(frames, { recursive: true });
}

async function take(page: Page, where: keyof typeof FOLDERS, name: string, height: number) {
  const folder = FOLDERS[where];
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.move(0, 0);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({
    path: resolve(folder, `${name}.png`),
    clip: { x: 0, y: 0, width: 1280, height },
    animations: 'disabled',
    caret: 'hide',
  });
}
