// **A user’s page**: what the Help Desk and administrators do for somebody.

import type { Page } from '@playwright/test';
import { OWN_CHOICE, PEOPLE } from '../support/people';
import {
  expectLoggedOut,
  createToken,
  expectCleanAddress,
  fillLogIn,
  menuButton,
  open,
  opener,
  ready,
  tokenCard,
  withoutNews,
} from '../support/steps';
import { expect, test } from '../support/test';

async function setPassword(page: Page, netid: string, own: string, fresh: string, retyped = fresh) {
  await page.getByLabel('Your local password', { exact: true }).first().fill(own);
  await page.getByLabel(`New password for ${netid}`).fill(fresh);
  await page.getByLabel('Retype new password').fill(retyped);
  await page.getByRole('button', { name: 'Save Changes' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'A user’s page' : 'A user’s page without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('sets a generated initial password, which its owner must change', async ({ as }) => {
      const rae = await as('rae', '/admin/users/sam');
      await opener(rae, 'Generate').click();
      const shown = rae.getByText(/^[a-z]+(-[a-z]+){4}$/);
      await expect(shown).toBeVisible();
      const words = (await shown.textContent())!.trim();
      expectCleanAddress(rae);
      expect(decodeURIComponent(rae.url())).not.toContain(words);
      const say = rae.getByText(
        new RegExp(
          ': “Log in with your NetID, go to Settings, About Me, and choose a password of your own' +
            '\\. Until then this one is good for nothing else\\.”$',
        ),
      );
      await expect(say).toHaveText(/^Once it is saved, say to Sam /);
      await rae.getByLabel('Your local password', { exact: true }).fill(PEOPLE.rae.local);
      await rae.getByRole('button', { name: 'Save Changes' }).click();
      await expect(
        rae.getByRole('status').filter({
          hasText: new RegExp(
            'Initial local password set for sam\\. It takes effect immediately\\. ' +
              'Ask .+ to change it under Settings → About Me\\.',
          ),
        }),
      ).toBeVisible();
      // With script the passphrase is still there to be read out, and below it what to say;
      // without, the next page shows it, once.
      await expect(say).toHaveText(/^Saved\. Now say to Sam /);
      await expect(rae.getByText('Once it is saved')).toHaveCount(0);
      await expect(shown).toHaveText(words);
      await expect(rae.getByLabel('New password for sam')).toHaveValue('');
      expectCleanAddress(rae);
      await rae.reload();
      await ready(rae);
      await expect(rae.getByLabel('New password for sam')).toBeVisible();
      await expect(shown).toHaveCount(0);

      const sam = await as('sam', '/settings/auth-tokens');
      await expect(opener(sam, 'Create token'), 'an initial password makes no tokens').toHaveCount(
        0,
      );
      await open(sam, '/settings/about-me');
      await sam.getByLabel('Current password').fill(words);
      await sam.getByLabel('New password', { exact: true }).fill(OWN_CHOICE);
      await sam.getByLabel('Retype new password').fill(OWN_CHOICE);
      await sam.getByRole('button', { name: 'Save Changes' }).click();
      await expect(sam.getByText('Your local password has been changed.')).toBeVisible();
    });

    test.describe('with much that happened', () => {
      test.use({ deskOptions: { env: { LATCHKEY_LOG_INS_PER_MINUTE: '0' } } });

      test('shows all that happened, a page at a time', async ({ as, desk }) => {
        for (const description of Array.from({ length: 60 }, (_, n) => `Log-in ${n}`))
          await fetch(`${desk.url}/fn/log_in`, {
            method: 'POST',
            headers: { 'Sec-Fetch-Site': 'same-origin', 'User-Agent': description },
            body: new URLSearchParams({ netid: 'tia', password: PEOPLE.tia.password }),
          });
        const helen = await as('helen', '/admin/users/tia');
        const history = helen.getByRole('region', { name: 'History' });
        const lines = history.getByRole('row');
        await expect(history.getByRole('link')).toHaveText(['Older']);
        await expect(lines).toHaveCount(51);
        await history.getByRole('link', { name: 'Older' }).click();
        await expect(helen).toHaveURL(/\/tia\?before=[0-9a-f-]+#history$/);
        await ready(helen);
        await expect(history.getByRole('link')).toHaveText(['Newest']);
        await expect(history.getByText('Account created')).toBeVisible();
        await expect(lines).not.toHaveCount(51);
        await history.getByRole('link', { name: 'Newest' }).click();
        await expect(lines).toHaveCount(51);
      });
    });

    test('sets a typed initial password', async ({ as }) => {
      const helen = await as('helen', '/admin/users/sam');
      await setPassword(helen, 'sam', PEOPLE.helen.local, OWN_CHOICE);
      await expect(helen.getByText(/Initial local password set for sam\./)).toBeVisible();
    });

    const refused: [string, string, string, string | undefined, string, string][] = [
      [
        'no own local password',
        '',
        OWN_CHOICE,
        undefined,
        'Please enter your local password.',
        'Your local password',
      ],
      [
        'a wrong own local password',
        'not-it-at-all',
        OWN_CHOICE,
        undefined,
        'Your local password is incorrect.',
        'Your local password',
      ],
      [
        'two that differ',
        PEOPLE.helen.local,
        OWN_CHOICE,
        `${OWN_CHOICE}!`,
        'The passwords do not match.',
        'Retype new password',
      ],
      [
        'a short one',
        PEOPLE.helen.local,
        'Short-1!',
        undefined,
        'Use at least 12 characters.',
        'New password for sam',
      ],
      [
        'one made of the person’s NetID',
        PEOPLE.helen.local,
        'samsamsamsamsam',
        undefined,
        'This password is too easy to guess:',
        'New password for sam',
      ],
      [
        'a too long one',
        PEOPLE.helen.local,
        'Rough-Egret-41 '.repeat(18).slice(0, 257),
        undefined,
        'Use at most 256 characters.',
        'New password for sam',
      ],
    ];
    for (const [what, own, fresh, retyped, words, field] of refused) {
      test(`refuses ${what}, beside its field`, async ({ as }) => {
        const helen = await as('helen', '/admin/users/sam');
        await helen
          .locator('form')
          .evaluateAll((forms) =>
            forms.forEach((form) => ((form as HTMLFormElement).noValidate = true)),
          );
        await setPassword(helen, 'sam', own, fresh, retyped);
        const box = helen
          .locator('form')
          .filter({ has: helen.getByRole('button', { name: 'Save Changes' }) });
        await expect(box.getByText(words)).toBeVisible();
        const wrong = box.getByLabel(field, { exact: true });
        // The own password may have confirmed the session; then its field is gone, the others stay.
        await expect(wrong).toHaveAttribute('aria-invalid', 'true');
        await expect(wrong).toHaveValue('');
        expectCleanAddress(helen);
        await open(helen, '/admin/users/sam');
        await expect(helen.getByRole('main')).toContainText(/none|does not have/i);
      });
    }

    test('shows tokens without their secret and revokes one', async ({ as, desk }) => {
      const tia = await as('tia', '/settings/auth-tokens');
      const token = await createToken(tia, {
        description: 'Lost laptop',
        password: PEOPLE.tia.local,
      });
      const helen = await as('helen', '/admin/users/tia');
      await expect(helen.getByText('Lost laptop').first()).toBeVisible();
      expect(await helen.content()).not.toContain(token);
      await opener(tokenCard(helen, 'Lost laptop'), 'Revoke').click();
      await expect(helen.getByText('Revoke Lost laptop?')).toBeVisible();
      const confirm = helen.getByRole('button', { name: 'Revoke token' });
      await helen
        .locator('form')
        .filter({ has: confirm })
        .getByLabel('Your local password')
        .fill(PEOPLE.helen.local);
      await confirm.click();
      await expect(helen.getByText('The token has been revoked.', { exact: false })).toBeVisible();
      await expect(opener(tokenCard(helen, 'Lost laptop'), 'Revoke')).toHaveCount(0);
      expect((await desk.verify(`token ${token}`)).status).toBe(401);
      expectCleanAddress(helen);
    });

    test('lets an administrator disable an account, at once', async ({ as, page, desk }) => {
      const tia = await as('tia', '/settings/auth-tokens');
      const token = await createToken(tia, {
        description: 'Backup script',
        password: PEOPLE.tia.local,
      });
      let left = 0;
      tia.on('request', (request) => {
        if (new URL(request.url()).pathname === '/login') left += 1;
      });
      const ada = await as('ada', '/admin/users/tia');
      const form = ada.locator('form').filter({ has: ada.getByLabel('Disabled') });
      await form.getByLabel('Disabled').check();
      await form.getByLabel('Your local password').fill(PEOPLE.ada.local);
      await form.getByRole('button').first().click();
      await expect(ada.getByLabel('Disabled')).toBeChecked();
      await expect.poll(async () => (await desk.verify(`token ${token}`)).status).toBe(401);
      expectCleanAddress(ada);
      await open(page, '/login');
      await fillLogIn(page, 'tia', PEOPLE.tia.password);
      await expect(page.getByText('Your NetID or password is incorrect.')).toBeVisible();
      await expectLoggedOut(tia);
      expect(left, 'a browser that is told to go twice throws the first answer away').toBe(1);
    });

    test('lets an administrator change a role', async ({ as }) => {
      const ada = await as('ada', '/admin/users/tia');
      const form = ada.locator('form').filter({ has: ada.getByRole('combobox', { name: 'Role' }) });
      await form.getByRole('combobox', { name: 'Role' }).selectOption('rep');
      await form.getByLabel('Your local password').fill(PEOPLE.ada.local);
      await form.getByRole('button').first().click();
      await expect(ada.getByRole('region', { name: 'Identity' })).toContainText(
        'Campus Services rep',
      );
      const tia = await as('tia');
      await expect(tia.getByRole('link', { name: 'Admin', exact: true })).toBeVisible();
    });

    test('tells an administrator with a stale page what changed, and enables nobody', async ({
      as,
    }) => {
      const stale = await as('ada');
      await withoutNews(stale);
      await open(stale, '/admin/users/tia');
      await disableTia(await as('ada'));

      const form = stale.locator('form').filter({ has: stale.getByLabel('Disabled') });
      const role = form.getByRole('combobox', { name: 'Role' });
      await expect(form.getByLabel('Disabled')).not.toBeChecked();
      await role.selectOption('rep');
      await form.getByLabel('Your local password').fill(PEOPLE.ada.local);
      await form.getByRole('button', { name: 'Save account' }).click();
      await expect(
        stale
          .getByText('Meanwhile the account was disabled (Disabled: no → yes).', { exact: false })
          .first(),
      ).toBeVisible();
      await expect(form.getByLabel('Disabled'), 'the form is drawn from what is so').toBeChecked();
      await expect(role).toHaveValue('staff');
      expectCleanAddress(stale);

      // Who has seen it may change the rest.
      await role.selectOption('rep');
      const own = form.getByLabel('Your local password');
      if (await own.count()) await own.fill(PEOPLE.ada.local);
      await form.getByRole('button', { name: 'Save account' }).click();
      await expect(stale.getByText('The account of tia has been changed.')).toBeVisible();
      await expect(form.getByLabel('Disabled')).toBeChecked();
      await expect(role).toHaveValue('rep');
    });
  });
}

test('What an administrator is choosing stays while somebody else changes the account', async ({
  as,
}) => {
  const ada = await as('ada', '/admin/users/tia');
  const form = ada.locator('form').filter({ has: ada.getByLabel('Disabled') });
  const role = form.getByRole('combobox', { name: 'Role' });
  await role.selectOption('rep');
  await disableTia(await as('ada'));

  await expect(
    form.getByText('Meanwhile the account was disabled (Disabled: no → yes).', { exact: false }),
  ).toBeVisible();
  await expect(role, 'what was chosen').toHaveValue('rep');
  await form.getByLabel('Your local password').fill(PEOPLE.ada.local);
  await form.getByRole('button', { name: 'Save account' }).click();
  await expect(form.getByLabel('Disabled'), 'drawn from what is so').toBeChecked();
  await expect(role).toHaveValue('staff');
});

test('On a telephone the outcome is in sight where the button is that was pressed', async ({
  as,
}) => {
  const ada = await as('ada');
  await ada.setViewportSize({ width: 375, height: 667 });
  await open(ada, '/admin/users/tia');
  const form = ada.locator('form').filter({ has: ada.getByLabel('Disabled') });
  await form.getByRole('combobox', { name: 'Role' }).selectOption('rep');
  await form.getByLabel('Your local password').fill(PEOPLE.ada.local);
  await form.getByRole('button', { name: 'Save account' }).click();
  await expect(ada.getByText('The account of tia has been changed.')).toBeInViewport();
});

test('A generated password is new each time and gone with the page', async ({ as }) => {
  const rae = await as('rae', '/admin/users/sam');
  const shown = rae.getByText(/^[a-z]+(-[a-z]+){4}$/);
  await rae.getByRole('button', { name: 'Generate' }).click();
  const first = await shown.textContent();
  await rae.getByRole('button', { name: 'Generate' }).click();
  await expect(shown).not.toHaveText(first!);
  const second = (await shown.textContent())!.trim();
  await expect(rae.getByLabel('New password for sam')).toHaveValue(second);
  await expect(rae.getByLabel('Retype new password')).toHaveValue(second);
  await open(rae, '/admin/users/sam');
  expect(await rae.content()).not.toContain(second);
});

test('A person unknown to the desk is a page that says so', async ({ as }) => {
  const helen = await as('helen');
  const answer = await helen.goto('/admin/users/nobody-here');
  expect(answer!.status()).toBe(404);
  await expect(helen.getByText('There is no user with that NetID.')).toBeVisible();
  await ready(helen);
  await expect(menuButton(helen, 'helen')).toBeVisible();
});

test('How good a password for somebody else is shows as it is typed', async ({ as }) => {
  const helen = await as('helen', '/admin/users/sam');
  const typed = helen.getByLabel('New password for sam');
  await typed.fill('sam-sample-sam-sample');
  await expect(helen.getByText(/too easy to guess/)).toBeVisible();
  const meter = helen.getByRole('meter', { name: 'Strength of the new password' });
  await expect(meter, 'what is refused never looks strong').toHaveAttribute('value', /^[01]$/);
  await typed.fill(OWN_CHOICE);
  await expect(helen.getByText('Strong', { exact: true })).toBeVisible();
  await typed.fill('sam-sample-sam-sample');
  await expect(helen.getByText('Strong', { exact: true })).toHaveCount(0);
  await helen.getByRole('button', { name: 'Generate' }).click();
  await expect(typed).toHaveValue(/^[a-z]+(-[a-z]+){4}$/);
  await expect(helen.getByText('Strong', { exact: true })).toBeVisible();
});

test('What was wrong with other words is not said of a passphrase that is generated', async ({
  as,
}) => {
  const helen = await as('helen', '/admin/users/sam');
  const typed = helen.getByLabel('New password for sam');
  await setPassword(helen, 'sam', PEOPLE.helen.local, 'Short-1!');
  await expect(typed).toHaveAttribute('aria-invalid', 'true');
  await helen.getByRole('button', { name: 'Generate' }).click();
  await expect(typed).toHaveValue(/^[a-z]+(-[a-z]+){4}$/);
  await expect(typed).not.toHaveAttribute('aria-invalid');
});

/** An administrator disables tia meanwhile, somewhere else. */
async function disableTia(other: Page): Promise<void> {
  await open(other, '/admin/users/tia');
  await other.getByLabel('Disabled').check();
  await other
    .locator('form')
    .filter({ has: other.getByLabel('Disabled') })
    .getByLabel('Your local password')
    .fill(PEOPLE.ada.local);
  await other.getByRole('button', { name: 'Save account' }).click();
  await expect(other.getByText('The account of tia has been changed.')).toBeVisible();
}
