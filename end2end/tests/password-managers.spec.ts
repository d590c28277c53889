// What password managers read of every form: whose password it is, old or new.

import type { Locator, Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, logIn, open, opener, tokenCard } from '../support/steps';
import { expect, test } from '../support/test';

/** A password of a form as password managers read it. */
interface Password {
  name: string;
  autocomplete: string | null;
  /**
   * The user name that the nearest field before it says, and whose it is; none where that is
   * another kind of field.
   */
  whose: string | null;
}

/**
 * The passwords of each form on the page, in their order, with the field that stands before each of
 * them.
 */
async function passwords(page: Page): Promise<Record<string, Password[]>> {
  return page.evaluate(() => {
    const read = (form: HTMLFormElement) => {
      const fields = [...form.querySelectorAll<HTMLInputElement>('input')].filter(
        (field) => !['hidden', 'checkbox', 'radio'].includes(field.type),
      );
      return fields.flatMap((field, place) => {
        if (field.dataset.password === undefined) return [];
        // The first that is no password, going back.
        const before = fields
          .slice(0, place)
          .reverse()
          .find((other) => other.dataset.password === undefined);
        const whose = before?.autocomplete === 'username' ? before.value : null;
        return [{ name: field.name, autocomplete: field.getAttribute('autocomplete'), whose }];
      });
    };
    return Object.fromEntries(
      [...document.forms]
        .map((form) => [form.getAttribute('id')!, read(form)] as const)
        .filter(([, found]) => found.length > 0),
    );
  });
}

const own = (netid: string): Password => ({
  name: 'own_password',
  autocomplete: 'current-password',
  whose: `${netid} (local password)`,
});

/** Nobody sees the field that says whose it is, and no key leads to it. */
async function expectUnseen(scope: Page | Locator) {
  for (const field of await scope.locator('input[name^=username]').all()) {
    await expect(field).toBeHidden();
    await expect(field).toHaveAttribute('type', 'text');
  }
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(
    javaScriptEnabled
      ? 'Password managers are told whose it is'
      : 'Password managers are told whose it is without JavaScript',
    () => {
      // Asked every time, so that each form has its password.
      test.use({ javaScriptEnabled, deskOptions: { env: { LATCHKEY_CONFIRM_SECONDS: '0' } } });

      test('the NetID password at the log-in', async ({ page }) => {
        await open(page, '/login');
        await page.getByLabel('NetID', { exact: true }).fill('tia');
        expect(await passwords(page)).toEqual({
          'log-in': [{ name: 'password', autocomplete: 'current-password', whose: 'tia' }],
        });
        await expect(page.locator('input[name^=username]')).toHaveCount(0);
      });

      test('the local password wherever it is asked for among one’s own tokens', async ({ as }) => {
        const page = await as('tia', '/settings/auth-tokens?create');
        expect(await passwords(page)).toEqual({ 'create-token': [own('tia')] });
        await expectUnseen(page);
        await open(page, '/settings/auth-tokens');
        await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
        for (const [button, form] of [
          ['Edit', 'edit-token-'],
          ['Renew', 'renew-token-'],
          ['Revoke', 'revoke-token-'],
        ] as const) {
          await open(page, '/settings/auth-tokens');
          await opener(tokenCard(page, 'Backup script'), button).click();
          await expect(page.getByLabel('Your local password')).toBeVisible();
          const found = await passwords(page);
          expect(Object.values(found), button).toEqual([[own('tia')]]);
          expect(Object.keys(found)[0]).toContain(form);
          await expectUnseen(page);
        }
        await open(page, '/settings/auth-tokens');
        await opener(page, 'Revoke all').click();
        await expect(page.getByLabel('Your local password')).toBeVisible();
        expect(await passwords(page)).toEqual({ 'revoke-all': [own('tia')] });
      });

      test('one’s own local password where it is changed', async ({ as }) => {
        const page = await as('tia', '/settings/about-me');
        const whose = 'tia (local password)';
        expect(await passwords(page)).toEqual({
          'change-password': [
            { name: 'current', autocomplete: 'current-password', whose },
            { name: 'new', autocomplete: 'new-password', whose },
            { name: 'retype', autocomplete: 'new-password', whose },
          ],
        });
        await expectUnseen(page);
      });

      test('helen’s own, and sam’s new one as nothing to be kept', async ({ as }) => {
        const page = await as('helen', '/admin/users/sam');
        const sam = 'sam (local password)';
        expect((await passwords(page))['set-password']).toEqual([
          own('helen'),
          // An initial password is good once, for choosing another: managers fill and keep none
          // that says so.
          { name: 'new', autocomplete: 'one-time-code', whose: sam },
          { name: 'retype', autocomplete: 'one-time-code', whose: sam },
        ]);
        await expectUnseen(page);
      });

      test('an administrator’s own, in every form of a person’s page', async ({ as }) => {
        const tia = await as('tia', '/settings/auth-tokens');
        await createToken(tia, { description: 'Backup script', password: PEOPLE.tia.local });
        const ada = await as('ada', '/admin/users/tia');
        for (const button of ['Revoke', 'End all sessions']) {
          await open(ada, '/admin/users/tia');
          await opener(ada.getByRole('main'), button).first().click();
          await expect(ada.getByRole('group').getByLabel('Your local password')).toBeVisible();
          const { 'set-password': set, ...others } = await passwords(ada);
          expect(set[0]).toEqual(own('ada'));
          expect(Object.values(others), button).toEqual(
            Object.values(others).map(() => [own('ada')]),
          );
          expect(Object.keys(others).length, 'the account and the question').toBe(2);
        }
      });

      test('the keyboard goes past what nobody sees', async ({ as }) => {
        const page = await as('tia', '/settings/auth-tokens?create');
        await page.getByLabel('Description').focus();
        await page.keyboard.press('Tab');
        await expect(page.getByLabel('Your local password', { exact: true })).toBeFocused();
      });
    },
  );
}

test.describe('With self-service', () => {
  test.use({ deskOptions: { env: { LATCHKEY_FIRST_PASSWORD: 'self-service' } } });

  test('the first local password has a name of its own too', async ({ page }) => {
    await logIn(page, 'sam');
    await open(page, '/settings/about-me');
    const whose = 'sam (local password)';
    expect(await passwords(page)).toEqual({
      'change-password': [
        { name: 'new', autocomplete: 'new-password', whose },
        { name: 'retype', autocomplete: 'new-password', whose },
      ],
    });
  });
});
