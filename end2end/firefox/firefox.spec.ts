// What Firefox does otherwise: what is shown once, the way back, passwords, a narrow screen.

import type { Browser } from 'puppeteer-core';
import { OWN_CHOICE, PEOPLE, type Netid } from '../support/people';
import { expect, launch, test, Tab } from './firefox';

const LOCAL = PEOPLE.tia.local;
const TOKEN = /latchkey_[0-9A-Za-z]{36}/;

/** Whoever leaves a page that shows a new token is asked first, and says yes. */
function leaves(tab: Tab) {
  tab.page.on('dialog', (dialog) => void dialog.accept());
}

async function expectNoToken(tab: Tab) {
  await expect.poll(() => tab.content(), 'nothing of a token on the page').not.toMatch(TOKEN);
}

test.describe('A new token', () => {
  test('is shown once: a reload does not show it, and the list has it', async ({ as, desk }) => {
    const tab = await as('tia');
    leaves(tab);
    await tab.open('/settings/auth-tokens');
    await tab.fillToken('Backup script', LOCAL);
    const token = await tab.create();
    for (let times = 0; times < 2; times += 1) {
      await tab.reload();
      await tab.sees('Backup script');
      await expectNoToken(tab);
    }
    expect(await desk.verify(`token ${token}`)).toEqual({ status: 200, user: 'tia' });
    expect((await tab.content()).split('>Backup script<').length, 'made once').toBe(2);
  });

  test('is not shown by the way back and forth, nor made again', async ({ as }) => {
    const tab = await as('tia');
    leaves(tab);
    await tab.open('/settings/auth-tokens');
    await tab.fillToken('Backup script', LOCAL);
    await tab.create();
    await tab.open('/help');
    for (const steps of [-1, 1, -1] as const) {
      await tab.go(steps);
      await tab.sees(steps === -1 ? 'Backup script' : 'Create an auth token');
      await expectNoToken(tab);
    }
    expect((await tab.content()).split('>Backup script<').length, 'made once').toBe(2);
    // All the way back to the form, and forth again.
    await tab.go(-1);
    await expectNoToken(tab);
    await tab.go(1);
    await expectNoToken(tab);
  });

  test('is shown in each of two tabs that make one at once, to each its own', async ({
    as,
    desk,
  }) => {
    const tab = await as('tia');
    // Confirmed before, so that neither form asks for the password.
    await tab.open('/settings/auth-tokens');
    await tab.fillToken('To confirm the session', LOCAL);
    const first = await tab.create();
    await tab.press('Done');
    const other = await tab.another();
    await tab.open('/settings/auth-tokens');
    await other.open('/settings/auth-tokens');
    await tab.fillToken('In one tab');
    await other.fillToken('In the other');
    const [one, two] = await Promise.all([tab.create(), other.create()]);
    expect(new Set([first, one, two]).size).toBe(3);
    expect([await tab.value('New auth token'), await other.value('New auth token')]).toEqual([
      one,
      two,
    ]);
    for (const token of [one, two]) expect((await desk.verify(`token ${token}`)).status).toBe(200);
    leaves(tab);
    await tab.open('/settings/auth-tokens');
    for (const words of ['In one tab', 'In the other']) await tab.sees(words);
  });

  test('is asked about before it is left, and staying loses nothing', async ({ as, scripted }) => {
    test.skip(!scripted, 'without script nothing asks');
    const tab = await as('tia');
    await tab.open('/settings/auth-tokens');
    await tab.fillToken('Backup script', LOCAL);
    const token = await tab.create();
    const question = new Promise<string>((resolve) => {
      tab.page.once('dialog', async (dialog) => {
        await dialog.dismiss();
        resolve(dialog.type());
      });
    });
    await tab.page.evaluate(() => {
      setTimeout(() => location.assign('/help'));
    });
    expect(await question).toBe('beforeunload');
    expect(await tab.value('New auth token')).toBe(token);
    await tab.press('Done');
    tab.page.on('dialog', () => {
      throw new Error('nothing is asked once it is done');
    });
    await tab.open('/help');
  });
});

test.describe('After the log-out, the way back shows nothing of', () => {
  const pages: [Netid, string, string][] = [
    ['tia', '/settings/auth-tokens', 'No auth tokens yet.'],
    ['tia', '/settings/about-me', 'tia@example.edu'],
    ['tia', '/settings/activity', 'Logged in'],
    ['helen', '/admin/users/sam', 'sam@example.edu'],
  ];
  for (const [netid, path, words] of pages) {
    test(path, async ({ as }) => {
      const tab = await as(netid);
      await tab.open(path);
      await tab.sees(words);
      await tab.logOut(netid);
      for (let steps = 0; steps < 2; steps += 1) {
        await tab.go(-1);
        await tab.sees('Log in');
        const content = await tab.content();
        for (const known of [
          'Logged in as',
          `${netid}@example.edu`,
          'sam@example.edu',
          'No auth tokens yet.',
        ])
          expect(content).not.toContain(known);
        expect(new URL(tab.page.url()).pathname).toBe('/login');
      }
    });
  }
});

test.describe('Password managers', () => {
  test('are told whose local password it is, where it is changed', async ({ as }) => {
    const tab = await as('tia');
    await tab.open('/settings/about-me');
    expect(await tab.passwords('Save Changes')).toEqual([
      ['text', 'username', 'tia (local password)', 'unseen'],
      ['password', 'current-password', '', 'seen'],
      ['password', 'new-password', '', 'seen'],
      ['password', 'new-password', '', 'seen'],
    ]);
    await tab.fill('Current password', LOCAL);
    await tab.fill('New password', OWN_CHOICE);
    await tab.fill('Retype new password', OWN_CHOICE);
    await tab.press('Save Changes');
    await tab.sees('Your local password has been changed.');
    // The user name is still there for a manager that asks afterwards, and no password is.
    expect((await tab.passwords('Save Changes')).map(([, , value]) => value)).toEqual([
      'tia (local password)',
      '',
      '',
      '',
    ]);
    expect(await tab.content()).not.toContain(OWN_CHOICE);
    await tab.reload();
    await expect
      .poll(() => tab.content(), 'Firefox fills in nothing of what was typed')
      .not.toContain(OWN_CHOICE);
  });

  test('are told whose it is, where a token is made', async ({ as }) => {
    const tab = await as('tia');
    await tab.open('/settings/auth-tokens');
    await tab.press('Create token');
    const fields = (await tab.passwords('Create')).filter(([, autocomplete]) =>
      /username|password/.test(autocomplete),
    );
    expect(fields).toEqual([
      ['text', 'username', 'tia (local password)', 'unseen'],
      ['password', 'current-password', '', 'seen'],
    ]);
  });

  test('keep nothing of what the Help Desk sets', async ({ as }) => {
    const tab = await as('helen');
    await tab.open('/admin/users/sam');
    const kinds = (await tab.passwords('Save Changes')).filter(
      ([type, , , seen]) => type === 'password' || seen === 'unseen',
    );
    expect(kinds.map(([, autocomplete, value]) => [autocomplete, value])).toEqual([
      ['username', 'helen (local password)'],
      ['current-password', ''],
      ['username', 'sam (local password)'],
      ['one-time-code', ''],
      ['one-time-code', ''],
    ]);
  });

  test('are not offered what was typed and not sent, after a reload', async ({ as }) => {
    const tab = await as('tia');
    leaves(tab);
    await tab.open('/settings/about-me');
    await tab.fill('Current password', LOCAL);
    await tab.fill('New password', OWN_CHOICE);
    await tab.reload();
    for (const label of ['Current password', 'New password', 'Retype new password'])
      expect(await tab.value(label), label).toBe('');
  });
});

/**
 * A telephone's width, in both of the system's themes. The pictures are kept beside the results, to
 * be looked at.
 */
for (const [theme, override] of [
  ['dark', 0],
  ['light', 1],
] as const) {
  test.describe(`At 375 pixels, ${theme}`, () => {
    let firefox: Browser;
    test.beforeEach(async ({ scripted }) => {
      firefox = await launch(scripted, {
        'layout.css.prefers-color-scheme.content-override': override,
      });
    });
    test.afterEach(async () => {
      await firefox.close();
    });

    test('every page fits', async ({ desk, scripted }, info) => {
      const tab = new Tab(await firefox.newPage(), desk.url, scripted, []);
      await tab.page.setViewport({ width: 375, height: 800 });
      const take = async (name: string) => {
        const [needed, there, ink] = await tab.page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth, clientWidth, getComputedStyle(document.body).color] as const;
        });
        expect(needed, name).toBeLessThanOrEqual(there);
        const [red, green, blue] = ink.match(/\d+/g)!.map(Number);
        expect(red + green + blue > 3 * 127 ? 'dark' : 'light', `${name}, in ${ink}`).toBe(theme);
        await tab.page.screenshot({
          path: info.outputPath(`${name}.png`) as `${string}.png`,
          fullPage: true,
        });
      };
      await tab.open('/login');
      await take('log-in');
      await tab.logIn('ada');
      for (const path of [
        'settings/about-me',
        'admin/users?q=a',
        'admin/users/tia',
        'admin/audit',
        'settings/sessions',
        'help',
      ]) {
        await tab.open(`/${path}`);
        await take(path.replaceAll(/\W/g, '-'));
      }
      await tab.open('/settings/auth-tokens');
      await tab.fillToken('Backup script', PEOPLE.ada.local);
      await take('create-token');
      await tab.create();
      await take('new-token');
      tab.page.on('dialog', (dialog) => void dialog.accept());
      await tab.open('/settings/auth-tokens');
      await take('auth-tokens');
    });
  });
}
