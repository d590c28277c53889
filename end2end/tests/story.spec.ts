// The whole desk in one go, from no local password to a revoked token.

import { OWN_PAGES } from '../support/pages';
import { OWN_CHOICE, PEOPLE } from '../support/people';
import {
  chooseFromMenu,
  createToken,
  expectCleanAddress,
  fillLogIn,
  logIn,
  menuButton,
  open,
  openTokenForm,
  ready,
  revoke,
  tokenCard,
} from '../support/steps';
import { expect, forgiveLostConnections, test } from '../support/test';

test.describe('The desk, from no local password to a revoked token', () => {
  test.use({ deskOptions: { realHashes: true, kept: true } });

  test('serves sam and helen, and remembers all of it after a power cut', async ({
    page,
    as,
    desk,
    context,
    complaints,
  }) => {
    const sam = page;

    await test.step('sam is told that the Help Desk sets a first local password', async () => {
      await logIn(sam, 'sam');
      await chooseFromMenu(sam, 'sam', 'Auth Tokens');
      await expect(sam.getByRole('heading', { name: 'Auth Tokens', level: 1 })).toBeVisible();
      await expect(
        sam.getByText(
          'You do not have a local password yet. Contact the Help Desk and ask them to set one.',
        ),
      ).toBeVisible();
      await expect(sam.getByRole('button', { name: 'Create token' })).toHaveCount(0);
      await chooseFromMenu(sam, 'sam', 'About Me');
      await expect(
        sam.getByText(
          'You do not have a local password yet. Contact the Help Desk and ask them to set one.',
        ),
      ).toBeVisible();
      await expect(sam.getByRole('button', { name: 'Save Changes' })).toHaveCount(0);
    });

    const initial =
      await test.step('helen finds sam by "sa" and sets a generated initial password', async () => {
        const helen = await as('helen');
        await helen.getByRole('link', { name: 'Admin', exact: true }).click();
        await expect(helen.getByRole('heading', { name: 'Select User', level: 1 })).toBeVisible();
        await helen.getByLabel('NetID, name or e-mail').fill('sa');
        await helen.getByRole('row').filter({ hasText: 'sam' }).getByRole('link').first().click();
        await expect(helen.getByRole('heading', { name: /\(sam\)$/, level: 1 })).toBeVisible();
        await ready(helen);
        await helen.getByLabel('Your local password', { exact: true }).fill(PEOPLE.helen.local);
        await helen.getByRole('button', { name: 'Generate' }).click();
        const shown = helen.getByText(/^[a-z]+(-[a-z]+){4}$/);
        await expect(shown).toBeVisible();
        const words = (await shown.textContent())!.trim();
        await helen.getByRole('button', { name: 'Save Changes' }).click();
        await expect(
          helen.getByText(
            new RegExp(
              'Initial local password set for sam\\. It takes effect immediately\\. ' +
                'Ask .+ to change it under Settings → About Me\\.',
            ),
          ),
        ).toBeVisible();
        expectCleanAddress(helen);
        await helen.context().close();
        return words;
      });

    await test.step('sam sees the notice on every page, and chooses an own one', async () => {
      for (const path of [...OWN_PAGES, '/settings/about-me']) {
        await open(sam, path);
        await expect(
          sam.getByText(/Choose your own local password: the initial one set by .+ lapses on .+\./),
          path,
        ).toBeVisible();
      }
      await sam.getByLabel('Current password').fill(initial);
      await sam.getByLabel('New password', { exact: true }).fill(OWN_CHOICE);
      await sam.getByLabel('Retype new password').fill(OWN_CHOICE);
      await sam.getByRole('button', { name: 'Save Changes' }).click();
      await expect(sam.getByText('Your local password has been changed.')).toBeVisible();
      await expect(sam.getByText('auth tokens keep working'), 'there are none').toHaveCount(0);
      await expect(sam.getByText('Choose your own local password')).toHaveCount(0);
      expectCleanAddress(sam);
    });

    const [backup, reports] = await test.step('sam makes two tokens', async () => {
      await chooseFromMenu(sam, 'sam', 'Auth Tokens');
      const first = await (async () => {
        await openTokenForm(sam);
        const asks = await sam.getByLabel('Your local password').isVisible();
        await sam.getByRole('button', { name: 'Cancel' }).click();
        return createToken(sam, {
          description: 'Backup script',
          password: asks ? OWN_CHOICE : undefined,
        });
      })();
      await sam.getByRole('button', { name: 'Done' }).click();
      await expect(sam.getByLabel('New auth token', { exact: true })).toHaveCount(0);
      const second = await createToken(sam, { description: 'Ticket reports', expires: 'Never' });
      await sam.getByRole('button', { name: 'Done' }).click();
      return [first, second];
    });

    await test.step('both tabs show the first use by themselves, without a reload', async () => {
      const other = await context.newPage();
      await open(other, '/settings/auth-tokens');
      const tabs = [sam, other];
      for (const tab of tabs) {
        await expect(tokenCard(tab, 'Backup script')).toContainText('Never used');
        await tab.evaluate(() => {
          document.documentElement.dataset.mark = 'the same document';
        });
      }
      for (const [how, credential] of schemes('sam', backup)) {
        expect(await desk.verify(credential), how).toEqual({ status: 200, user: 'sam' });
      }
      for (const tab of tabs) {
        await expect(tokenCard(tab, 'Backup script')).toContainText(/Used .+ from 127\.0\.0\.1/);
        await expect(tokenCard(tab, 'Ticket reports')).toContainText('Never used');
        expect(await tab.evaluate(() => document.documentElement.dataset.mark)).toBe(
          'the same document',
        );
      }
      await other.close();
    });

    await test.step('a revoked token is refused at once, the other still works', async () => {
      await revoke(sam, 'Backup script');
      await expect(sam.getByRole('button', { name: 'Revoke', exact: true })).toHaveCount(1);
      expect((await desk.verify(`token ${backup}`)).status).toBe(401);
      expect(await desk.verify(`token ${reports}`)).toEqual({ status: 200, user: 'sam' });
    });

    await test.step('after kill -9 and a start on the same store, all of it is so', async () => {
      await desk.killAndStartAgain();
      for (const [how, credential] of schemes('sam', backup))
        expect((await desk.verify(credential)).status, how).toBe(401);
      for (const [how, credential] of schemes('sam', reports))
        expect(await desk.verify(credential), how).toEqual({ status: 200, user: 'sam' });
      await open(sam, '/settings/auth-tokens');
      await expect(menuButton(sam, 'sam'), 'the session is still there').toBeVisible();
      await expect(tokenCard(sam, 'Ticket reports')).toBeVisible();
      await expect(sam.getByText('Choose your own local password')).toHaveCount(0);
      // A page of who was logged in before would go to the log-in by itself.
      await sam.goto('about:blank');
      await sam.context().clearCookies();
      await open(sam, '/login');
      await fillLogIn(sam, 'sam', PEOPLE.sam.password);
      await ready(sam);
      await chooseFromMenu(sam, 'sam', 'Auth Tokens');
      await expect(tokenCard(sam, 'Ticket reports')).toBeVisible();
      forgiveLostConnections(complaints);
    });
  });
});

/** The three ways in which an application presents a token. */
function schemes(user: string, token: string): [string, string][] {
  return [
    ['Authorization: token', `token ${token}`],
    ['Bearer', `Bearer ${token}`],
    ['Basic', `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`],
  ];
}
