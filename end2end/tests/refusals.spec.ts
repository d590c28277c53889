// What the rules refuse, in the page and by a direct call.

import type { Page } from '@playwright/test';
import { ADMIN_PAGES, OWN_PAGES } from '../support/pages';
import { OWN_CHOICE, PEOPLE } from '../support/people';
import {
  createToken,
  fillLogIn,
  fillToken,
  letterOf,
  open,
  openTokenForm,
  opener,
  send,
  tokenCard,
  tokenForm,
  type Letter,
} from '../support/steps';
import { expect, test } from '../support/test';

/** The form that creates a token, filled in by tia. */
async function createForm(tia: Page): Promise<Letter> {
  await open(tia, '/settings/auth-tokens');
  await openTokenForm(tia);
  await fillToken(tia, { description: 'By a letter', password: PEOPLE.tia.local });
  return letterOf(tokenForm(tia));
}

/** The form that sets sam's local password, filled in by helen. */
async function setForm(helen: Page): Promise<Letter> {
  await open(helen, '/admin/users/sam');
  await helen.getByLabel('Your local password', { exact: true }).first().fill(PEOPLE.helen.local);
  await helen.getByLabel('New password for sam').fill(OWN_CHOICE);
  await helen.getByLabel('Retype new password').fill(OWN_CHOICE);
  return letterOf(
    helen.locator('form').filter({ has: helen.getByRole('button', { name: 'Save Changes' }) }),
  );
}

/** The same letter about somebody else. */
function about(letter: Letter, from: string, to: string): Letter {
  const swap = (text: string) => (text === from ? to : text);
  return {
    action: letter.action.replace(from, to),
    fields: Object.fromEntries(
      Object.entries(letter.fields).map(([name, value]) => [name, swap(value)]),
    ),
  };
}

test.describe('Refused in the page and by a direct call', () => {
  test('rae opens Audit', async ({ as }) => {
    const rae = await as('rae');
    await expect(rae.getByRole('link', { name: 'Audit' })).toHaveCount(0);
    const answer = await rae.goto('/admin/audit');
    expect(answer!.status()).toBe(403);
    await expect(rae.getByText('You do not have the right to do this.')).toBeVisible();
    for (const path of ['/admin/audit.csv', '/admin/audit.jsonl'])
      expect((await rae.request.get(path)).status(), path).toBe(403);
  });

  test('tia opens anything of Admin', async ({ as }) => {
    const tia = await as('tia');
    for (const path of [
      '/admin/users',
      '/admin/users?q=a',
      '/admin/users/sam',
      '/admin/audit',
      '/admin/tokens',
    ]) {
      expect((await tia.goto(path))!.status(), path).toBe(403);
      await expect(tia.getByText('You do not have the right to do this.')).toBeVisible();
      await expect(tia.getByText('Sam', { exact: false })).toHaveCount(0);
    }
    expect((await tia.request.get('/live?of=sam')).status()).toBe(403);
  });

  test('helen sets ada’s password, who is above her', async ({ as }) => {
    const helen = await as('helen');
    const letter = await setForm(helen);
    await open(helen, '/admin/users/ada');
    await expect(
      helen.getByText('You cannot do this for someone whose role is above your own.').first(),
    ).toBeVisible();
    await expect(helen.getByRole('button', { name: 'Save Changes' })).toHaveCount(0);
    const answer = await send(helen, about(letter, 'sam', 'ada'));
    expect(answer.status()).toBe(403);
    const ada = await as('ada', '/settings/about-me');
    await expect(ada.getByText('Choose your own local password')).toHaveCount(0);
    await open(ada, '/admin/audit?actor=helen&outcome=refused');
    await expect(
      ada.getByRole('table').getByRole('row').filter({ hasText: 'ada' }),
      'the refusal is audited',
    ).not.toHaveCount(0);
  });

  test('helen sets her own password at the Help Desk’s door', async ({ as }) => {
    const helen = await as('helen');
    const letter = await setForm(helen);
    await open(helen, '/admin/users/helen');
    await expect(
      helen.getByText('Use Settings → About Me for your own password.').first(),
    ).toBeVisible();
    expect((await send(helen, about(letter, 'sam', 'helen'))).status()).toBe(403);
  });

  test('helen sets the password of somebody who is not privileged, or disabled', async ({ as }) => {
    const helen = await as('helen');
    const letter = await setForm(helen);
    for (const [netid, words] of [
      ['guest', 'account is not privileged'],
      ['dave', 'account is disabled'],
    ] as const) {
      await open(helen, `/admin/users/${netid}`);
      await expect(helen.getByText(words).first()).toBeVisible();
      await expect(helen.getByRole('button', { name: 'Save Changes' })).toHaveCount(0);
      expect((await send(helen, about(letter, 'sam', netid))).status(), netid).toBe(403);
    }
  });

  test('sam, tia and guest set somebody’s password', async ({ as }) => {
    const letter = await setForm(await as('helen'));
    for (const netid of ['sam', 'tia', 'guest'] as const) {
      const answer = await send(await as(netid), {
        ...letter,
        fields: { ...letter.fields, own_password: PEOPLE[netid].local },
      });
      expect(answer.status(), netid).toBe(403);
    }
  });

  test('guest and sam make a token', async ({ as }) => {
    const letter = await createForm(await as('tia'));
    for (const netid of ['guest', 'sam'] as const) {
      const page = await as(netid);
      await open(page, '/settings/auth-tokens');
      await expect(opener(page, 'Create token')).toHaveCount(0);
      const answer = await send(page, letter);
      expect(answer.status(), netid).toBe(403);
      expect(await answer.text()).not.toContain('latchkey_');
    }
  });

  test('dave, who is disabled, logs in', async ({ page }) => {
    await open(page, '/login');
    await fillLogIn(page, 'dave', PEOPLE.dave.password);
    await expect(page.getByText('Your NetID or password is incorrect.')).toBeVisible();
    await page.goto('/settings/auth-tokens');
    await expect(page).toHaveURL(/\/login/);
  });

  test('anybody makes a token for somebody else', async ({ as }) => {
    const ada = await as('ada', '/admin/users/tia');
    await expect(opener(ada, 'Create token')).toHaveCount(0);
    const tia = await as('tia');
    const letter = await createForm(tia);
    const more = Object.fromEntries(
      ['netid', 'owner', 'subject', 'user', 'for', 'of'].map((name) => [name, 'tia']),
    );
    const answer = await send(ada, {
      ...letter,
      fields: { ...letter.fields, ...more, own_password: PEOPLE.ada.local },
    });
    await open(tia, '/settings/auth-tokens');
    await expect(tia.getByText('No auth tokens yet.'), `answered ${answer.status()}`).toBeVisible();
  });

  test('rae revokes or edits tia’s token', async ({ as, desk }) => {
    const tia = await as('tia', '/settings/auth-tokens');
    const token = await createToken(tia, {
      description: 'Backup script',
      password: PEOPLE.tia.local,
    });
    await open(tia, '/settings/auth-tokens');
    await opener(tokenCard(tia, 'Backup script'), 'Revoke').click();
    const letter = await letterOf(
      tia.locator('form').filter({ has: tia.getByRole('button', { name: 'Revoke token' }) }),
    );
    const rae = await as('rae');
    const answer = await send(rae, {
      ...letter,
      fields: { ...letter.fields, own_password: PEOPLE.rae.local },
    });
    expect([403, 404]).toContain(answer.status());
    expect((await desk.verify(`token ${token}`)).status).toBe(200);
  });

  test('a token opens a page', async ({ as, desk }) => {
    const ada = await as('ada', '/settings/auth-tokens');
    const token = await createToken(ada, {
      description: 'Backup script',
      password: PEOPLE.ada.local,
    });
    // Help is everybody's.
    const pages = [...OWN_PAGES, ...ADMIN_PAGES].filter((path) => path !== '/help');
    for (const path of [...pages, '/admin/audit.csv']) {
      const answer = await fetch(desk.url + path, {
        redirect: 'manual',
        headers: { Authorization: `token ${token}`, Accept: 'text/html' },
      });
      expect([302, 303, 307, 401, 403], path).toContain(answer.status);
      expect(await answer.text(), path).not.toContain('Backup script');
    }
    const live = await fetch(`${desk.url}/live`, { headers: { Authorization: `token ${token}` } });
    expect((await live.text()).trim(), 'the live feed ends at once').toMatch(
      /^event: ?ended\ndata: ?ended$/,
    );
    const me = await fetch(`${desk.url}/api/v1/me`, {
      headers: { Authorization: `token ${token}` },
    });
    expect(me.status).toBe(200);
    expect(await me.json()).toMatchObject({ netid: 'ada' });
  });
});
