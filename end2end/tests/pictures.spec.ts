import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, fillToken, open, openTokenForm } from '../support/steps';
import { expect, test } from '../support/test';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = { readme: resolve(ROOT, 'docs/screenshots'), help: resolve(ROOT, 'style/assets/help') };

/** The pictures of README.md and of the Help page, taken anew only when asked: UPDATE_PICTURES=1. */
test.describe('Pictures', () => {
  test.skip(!process.env.UPDATE_PICTURES, 'taken with UPDATE_PICTURES=1 only');
  test.use({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });

  test('of Auth Tokens, for the README', async ({ as, desk }) => {
    const page = await as('tia');
    await open(page, '/settings/auth-tokens');
    const backup = await createToken(page, { description: 'Backup script', expires: 'Never', access: 'Read only', networks: '127.0.0.0/8', password: PEOPLE.tia.local });
    await page.getByRole('button', { name: 'Done' }).click();
    const reports = await createToken(page, { description: 'Ticket reports on the shared drive', expires: '1 year' });
    await page.getByRole('button', { name: 'Done' }).click();
    await createToken(page, { description: 'RT command line, laptop', expires: '90 days' });
    await page.getByRole('button', { name: 'Done' }).click();
    for (const token of [backup, reports]) expect((await desk.verify(`token ${token}`)).status).toBe(200);
    await expect(page.getByText(/Used .+ from/)).toHaveCount(2);
    await take(page, 'readme', 'auth-tokens', 560);
  });

  test('for the guide "Create an auth token"', async ({ as }) => {
    const page = await as('tia');
    await open(page, '/settings/auth-tokens');
    await openTokenForm(page);
    await fillToken(page, { description: 'Backup script', expires: '90 days' });
    await take(page, 'help', 'create-token', 800);
  });

  test('for the guide "Set or change your local password"', async ({ as }) => {
    const page = await as('tia');
    await open(page, '/settings/about-me');
    await take(page, 'help', 'change-password', 800);
  });

  test('for the guide of the Help Desk', async ({ as }) => {
    const page = await as('helen');
    await open(page, '/admin/users/sam');
    await page.getByRole('button', { name: 'Generate' }).click();
    await take(page, 'help', 'set-first-password', 800);
  });
});

async function take(page: Page, where: keyof typeof FOLDERS, name: string, height: number) {
  const folder = FOLDERS[where];
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.move(0, 0);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: resolve(folder, `${name}.png`), clip: { x: 0, y: 0, width: 1280, height }, animations: 'disabled', caret: 'hide' });
}
