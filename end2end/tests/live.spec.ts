// Open pages follow what happens elsewhere, and take nothing away that is typed.

import type { Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import {
  NEWS,
  createToken,
  fillToken,
  menuButton,
  open,
  openTokenForm,
  opener,
  ready,
  revoke,
  tokenCard,
  tokenForm,
} from '../support/steps';
import { expect, forgiveLostConnections, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;

test.describe('The list of tokens', () => {
  test('shows what another browser makes, uses and revokes, and keeps what is typed', async ({
    as,
    desk,
  }) => {
    const watching = await as('tia');
    const acting = await as('tia');
    await open(watching, '/settings/auth-tokens');
    await openTokenForm(watching);
    await fillToken(watching, {
      description: 'Half a sen',
      networks: '10.0.0.0/8',
      password: 'half a pass',
    });
    const description = tokenForm(watching).getByLabel('Description');
    await description.focus();
    const undisturbed = async () => {
      await expect(description).toBeFocused();
      await expect(description).toHaveValue('Half a sen');
      await expect(tokenForm(watching).getByLabel('Allowed networks')).toHaveValue('10.0.0.0/8');
      await expect(tokenForm(watching).getByLabel('Your local password')).toHaveValue(
        'half a pass',
      );
    };

    await open(acting, '/settings/auth-tokens');
    const token = await createToken(acting, { description: 'Made elsewhere', password: LOCAL });
    await expect(tokenCard(watching, 'Made elsewhere')).toBeVisible();
    await undisturbed();

    expect((await desk.verify(`token ${token}`)).status).toBe(200);
    await expect(tokenCard(watching, 'Made elsewhere')).toContainText(/Used .+ from 127\.0\.0\.1/);
    await undisturbed();

    await acting.getByRole('button', { name: 'Done' }).click();
    await revoke(acting, 'Made elsewhere');
    await expect(opener(watching, 'Revoke')).toHaveCount(0);
    await undisturbed();
  });

  test('tears nothing away that is typed about a token that ends meanwhile', async ({ as }) => {
    const [watching, acting] = [await as('tia'), await as('tia')];
    await open(acting, '/settings/auth-tokens');
    await createToken(acting, { description: 'Short lived', password: LOCAL });
    await acting.getByRole('button', { name: 'Done' }).click();
    await createToken(acting, { description: 'Another' });
    await acting.getByRole('button', { name: 'Done' }).click();
    await open(watching, '/settings/auth-tokens');
    await opener(tokenCard(watching, 'Short lived'), 'Edit').click();
    const form = watching.locator('form').filter({ has: watching.getByLabel('Description') });
    await form.getByLabel('Description').fill('Half a sen');
    await revoke(acting, 'Short lived');
    await revoke(acting, 'Another');
    await expect(opener(watching, 'Revoke')).toHaveCount(0);
    await expect(form.getByLabel('Description')).toBeFocused();
    await expect(form.getByLabel('Description')).toHaveValue('Half a sen');
    await form.getByLabel('Your local password').fill(LOCAL);
    await form.getByRole('button', { name: 'Save Changes' }).click();
    await expect(watching.getByText(/no longer works/)).toBeVisible();
    await form.getByRole('button', { name: 'Cancel' }).click();
    await expect(watching.getByText('Expired and revoked (2)')).toBeVisible();
    await expect(watching.locator('#main')).toBeFocused();
  });

  test('shows what happened while the page came to life', async ({ as }) => {
    const [watching, helen, acting] = [await as('tia'), await as('helen'), await as('tia')];
    let listen = () => {};
    let held = 0;
    const happened = new Promise<void>((done) => {
      listen = done;
    });
    for (const [page, path] of [
      [watching, '/settings/auth-tokens'],
      [helen, '/admin/users/tia'],
    ] as const) {
      await page.route(NEWS, async (route) => {
        held += 1;
        await happened;
        await route.continue();
      });
      await open(page, path);
    }
    // The Help Desk's page listens for what concerns its visitor, and for what concerns tia.
    await expect.poll(() => held).toBe(3);
    await open(acting, '/settings/auth-tokens');
    await createToken(acting, { description: 'Made meanwhile', password: LOCAL });
    listen();
    for (const page of [watching, helen])
      await expect(tokenCard(page, 'Made meanwhile')).toBeVisible();
  });

  test('never shows another person’s tokens', async ({ as }) => {
    const rae = await as('rae');
    const tia = await as('tia');
    await open(rae, '/settings/auth-tokens');
    await open(tia, '/settings/auth-tokens');
    await createToken(tia, { description: 'For tia alone', password: LOCAL });
    await open(rae, '/settings/auth-tokens');
    await expect(rae.getByText('No auth tokens yet.')).toBeVisible();
    await expect(rae.getByText('For tia alone')).toHaveCount(0);
  });

  test('of a person is live on the Help Desk’s page too', async ({ as }) => {
    const helen = await as('helen');
    const tia = await as('tia');
    await open(helen, '/admin/users/tia');
    await open(tia, '/settings/auth-tokens');
    await createToken(tia, { description: 'Seen by helen', password: LOCAL });
    await expect(helen.getByText('Seen by helen').first()).toBeVisible();
    await ready(helen);
  });
});

test.describe('While the desk cannot be reached', () => {
  test.use({ deskOptions: { kept: true } });

  test('the list of tokens says so quietly, and comes back by itself', async ({
    as,
    desk,
    complaints,
  }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await desk.stop();
    const banner = page.getByRole('status').filter({ hasText: /connection/i });
    await expect(banner).toBeVisible();
    await desk.start();
    await expect(banner).toBeHidden();
    await expect(menuButton(page, 'tia')).toBeVisible();
    forgiveLostConnections(complaints);
  });

  test('what is looked for is found once it is back', async ({ as, desk, complaints }) => {
    const helen = await as('helen', '/admin/users');
    await desk.stop();
    await helen.getByLabel('NetID, name or e-mail').fill('sam');
    const lostNotice = helen
      .getByRole('alert')
      .filter({ hasText: 'The connection to Latchkey is lost.' });
    await expect(lostNotice).toBeVisible();
    await desk.start();
    await expect(helen.getByRole('link', { name: 'sam', exact: true })).toBeVisible();
    await expect(lostNotice).toHaveCount(0);
    forgiveLostConnections(complaints);
  });
});

test('A session that is ended elsewhere leads to the log-in page by itself', async ({ as }) => {
  const watching = await as('tia', '/settings/auth-tokens');
  const acting = await as('tia', '/settings/sessions');
  await opener(acting, 'Log out everywhere else').click();
  await expect(watching.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
});

test('A passphrase that somebody else has set another over is not read out any more', async ({
  as,
}) => {
  const [ada, helen] = [await as('ada'), await as('helen')];
  const box = (page: Page) => page.getByRole('region', { name: 'Access Control' });
  const save = async (page: Page, own: string) => {
    await open(page, '/admin/users/sam');
    await page.getByRole('button', { name: 'Generate' }).click();
    await expect(page.locator('.passphrase')).toBeVisible();
    await box(page).getByLabel('Your local password', { exact: true }).fill(own);
    await page.getByRole('button', { name: 'Save Changes' }).click();
    await expect(page.getByText(/^Saved\. Now say to Sam /)).toBeVisible();
  };
  const over = (page: Page) => box(page).getByText(/^An initial local password was set by /);
  await save(ada, PEOPLE.ada.local);
  await expect(over(ada)).toHaveCount(0);
  await save(helen, PEOPLE.helen.local);
  await expect(over(ada)).toBeVisible();
  await expect(ada.locator('.passphrase')).toHaveCount(0);
  await expect(ada.getByText(/^Saved\. Now say /)).toHaveCount(0);
  await expect(over(helen), 'it is her own').toHaveCount(0);
  await expect(helen.locator('.passphrase')).toBeVisible();
});
