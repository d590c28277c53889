// What is around every page: menu, tabs, Help, themes, and a telephone’s width.

import { ADMIN_PAGES, OWN_PAGES } from '../support/pages';
import { OWN_CHOICE } from '../support/people';
import { chooseFromMenu, createToken, logIn, menuButton, open, ready } from '../support/steps';
import { expect, test } from '../support/test';

const PLACES: [string, string, RegExp][] = [
  ['Settings', 'About Me', /\/settings\/about-me$/],
  ['About Me', 'About Me', /\/settings\/about-me$/],
  ['Auth Tokens', 'Auth Tokens', /\/settings\/auth-tokens$/],
  ['Sessions', 'Sessions', /\/settings\/sessions$/],
  ['Help', 'Help', /\/help$/],
];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'The frame' : 'The frame without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('leads everywhere by the menu under the name', async ({ as }) => {
      const page = await as('tia');
      for (const [item, heading, address] of PLACES) {
        await chooseFromMenu(page, 'tia', item);
        await expect(page).toHaveURL(address);
        await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
        await expect(page).toHaveTitle(new RegExp(heading));
      }
      await page.getByRole('banner').getByRole('link', { name: 'Latchkey' }).click();
      await expect(menuButton(page, 'tia')).toBeVisible();
    });

    test('has at the right who is logged in, whoever it is', async ({ as }) => {
      for (const netid of ['tia', 'guest', 'helen'] as const) {
        const page = await as(netid);
        for (const width of [1280, 375]) {
          await page.setViewportSize({ width, height: 800 });
          const [bar, menu] = [
            (await page.getByRole('banner').locator('.brand').boundingBox())!,
            (await menuButton(page, netid).boundingBox())!,
          ];
          // No further from its edge than what stands at the left is from the other.
          const gap = width - (menu.x + menu.width);
          expect(gap, `${netid}, ${width}`).toBeLessThan(bar.x + 2);
        }
      }
    });

    test('has sub-tabs in Settings and in Admin', async ({ as }) => {
      const page = await as('ada', '/settings/about-me');
      const tabs = [
        ['Auth Tokens', 'auth-tokens'],
        ['Sessions', 'sessions'],
        ['Notices', 'notices'],
        ['Activity', 'activity'],
        ['About Me', 'about-me'],
      ] as const;
      const settings = OWN_PAGES.filter((path) => path.startsWith('/settings/'));
      expect(tabs.map(([, address]) => `/settings/${address}`).sort()).toEqual(settings.sort());
      for (const [name, address] of tabs) {
        await page.getByRole('navigation').getByRole('link', { name, exact: true }).last().click();
        await expect(page).toHaveURL(new RegExp(`/settings/${address}$`));
        await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
      }
      await page.getByRole('link', { name: 'Admin', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Select User', level: 1 })).toBeVisible();
      await page.getByRole('navigation').getByRole('link', { name: 'Tokens', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Tokens', level: 1 })).toBeVisible();
      await page.getByRole('navigation').getByRole('link', { name: 'Audit', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();
      await page.getByRole('navigation').getByRole('link', { name: 'Users', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Select User', level: 1 })).toBeVisible();
    });

    test('shows Admin only to those with the right', async ({ as }) => {
      for (const [netid, seen] of [
        ['tia', 0],
        ['guest', 0],
        ['rae', 1],
        ['ada', 1],
      ] as const) {
        const page = await as(netid);
        await expect(page.getByRole('link', { name: 'Admin', exact: true }), netid).toHaveCount(
          seen,
        );
      }
    });

    test('leads each to what they come for', async ({ page }) => {
      for (const [netid, heading] of [
        ['tia', 'Auth Tokens'],
        ['guest', 'Auth Tokens'],
        ['rae', 'Select User'],
        ['helen', 'Select User'],
        ['ada', 'Select User'],
      ] as const) {
        // A page of who was logged in before would go to the log-in by itself.
        await page.goto('about:blank');
        await page.context().clearCookies();
        await logIn(page, netid);
        await expect(
          page.getByRole('heading', { name: heading, level: 1 }),
          `${netid} after the log-in`,
        ).toBeVisible();
        await open(page, '/');
        await expect(page.getByRole('heading', { name: heading, level: 1 }), netid).toBeVisible();
        if (heading === 'Auth Tokens') continue;
        await page.getByRole('link', { name: 'Your auth tokens' }).click();
        await expect(page).toHaveURL(/\/settings\/auth-tokens$/);
      }
    });

    test('holds the page that is not there', async ({ as }) => {
      const page = await as('tia');
      const answer = await page.goto('/settings/no-such-page');
      expect(answer!.status()).toBe(404);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await ready(page);
      await expect(menuButton(page, 'tia')).toBeVisible();
      await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
    });
  });
}

test('Help shows the three guides with pictures that are there', async ({ as }) => {
  const page = await as('tia', '/help');
  await expect(page.getByRole('heading', { name: 'Help', level: 1 })).toBeVisible();
  for (const name of [
    'Create an auth token',
    'Set or change your local password',
    'Help Desk: set someone’s first local password',
  ]) {
    await expect(
      page.getByRole('heading', { name: new RegExp(name.replace('’', "['’]")) }),
    ).toBeVisible();
  }
  const pictures = page.getByRole('main').getByRole('img');
  await expect(pictures).toHaveCount(3);
  for (const picture of await pictures.all()) {
    await picture.scrollIntoViewIfNeeded();
    await expect(picture).toHaveAttribute('alt', /.{10,}/);
    await expect
      .poll(() =>
        picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 100),
      )
      .toBe(true);
  }
});

test('Help takes a token that somebody found, and it works no more', async ({ as, desk }) => {
  const page = await as('tia', '/settings/auth-tokens');
  const password = 'tia-local-password';
  const token = await createToken(page, { description: 'In a repository', password });
  expect((await desk.verify(`token ${token}`)).status).toBe(200);
  await open(page, '/help');
  await page.getByLabel('Tokens, one a line').fill(`${token}\n`);
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Received', level: 1 })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('works no more');
  expect((await desk.verify(`token ${token}`)).status).toBe(401);
  await open(page, '/settings/activity');
  await expect(page.getByText('Leaked token revoked')).toBeVisible();
});

test('Light and dark can be chosen, and the choice stays', async ({ as }) => {
  const page = await as('tia', '/settings/about-me');
  const colour = () => page.evaluate(() => getComputedStyle(document.body).color);
  const theme = page.getByRole('banner').getByRole('button', { name: /^Theme/ });
  // The system is light: the first press changes what is seen.
  const light = await colour();
  await theme.click();
  await expect(theme).toHaveText('Theme: dark');
  const dark = await colour();
  expect(dark).not.toBe(light);
  await open(page, '/settings/sessions');
  expect(await colour()).toBe(dark);
  await expect(theme).toHaveText('Theme: dark');
  await theme.click();
  await expect(theme).toHaveText('Theme: light');
  expect(await colour()).toBe(light);
});

test('On a telephone what was refused stays within its card', async ({ as }) => {
  const tia = await as('tia', '/settings/about-me');
  await tia.getByLabel('Current password').fill('not-it-at-all');
  await tia.getByLabel('New password', { exact: true }).fill(OWN_CHOICE);
  await tia.getByLabel('Retype new password').fill(OWN_CHOICE);
  await tia.getByRole('button', { name: 'Save Changes' }).click();
  await expect(tia.getByText('Your current password is incorrect.')).toBeVisible();
  const helen = await as('helen');
  for (const [page, path] of [
    [tia, '/settings/activity'],
    [helen, '/admin/users/tia'],
  ] as const) {
    await open(page, path);
    const badge = page.getByText('Wrong local password typed').first();
    await expect(badge).toHaveClass('badge');
    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 640 });
      const over = await badge.evaluate(
        (element) =>
          element.getBoundingClientRect().right -
          element.closest('tr')!.getBoundingClientRect().right,
      );
      expect(over, `${path} at ${width}`).toBeLessThan(0);
    }
  }
});

test('Every page fits a telephone of 320 pixels', async ({ as }) => {
  const page = await as('ada');
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of [...OWN_PAGES, ...ADMIN_PAGES, '/admin/users?q=a', '/no-such-page']) {
    await open(page, path);
    const [needed, there] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(needed, path).toBeLessThanOrEqual(there);
    if (path.startsWith('/settings/'))
      await expect(
        page.locator('nav.tabs [aria-current=page]'),
        `${path}: where one is, one sees`,
      ).toBeInViewport({ ratio: 0.95 });
  }
});
