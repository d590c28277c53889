// Days that somebody chooses, in time zones and at summer time’s ends.

import type { Locator, Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, open, opener, openTokenForm, tokenCard, tokenForm } from '../support/steps';
import { expect, test } from '../support/test';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const year = new Date().getUTCFullYear() + 1;

/** `2027-03-27` as the pages write it. */
function words(date: string): string {
  const [y, m, d] = date.split('-').map(Number);
  return `${d} ${MONTHS[m - 1]} ${y}`;
}

/** The last Sunday of a month, and a day near it: where summer time begins or ends in Europe. */
function nearLastSunday(month: number, days: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  last.setUTCDate(last.getUTCDate() - last.getUTCDay() + days);
  return last.toISOString().slice(0, 10);
}

/**
 * The ends of the year and of summer time, in the north and in the south, and each day beside them.
 */
const DAYS = [
  `${year}-12-31`,
  `${year + 1}-01-01`,
  `${year}-02-28`,
  ...[-1, 0, 1].flatMap((days) => [nearLastSunday(3, days), nearLastSunday(10, days)]),
  // New Zealand: the last Sunday of September, the first of April; California: March and November.
  ...[-1, 0, 1].map((days) => nearLastSunday(9, days)),
  `${year}-04-03`,
  `${year}-04-04`,
  `${year}-04-05`,
  `${year}-03-14`,
  `${year}-11-07`,
];

/** The last Thursday of October: in Egypt summer time ends as it does. */
const IN_CAIRO = lastThursday(10);

/** The Saturday from which on it is winter in Chile: the first Sunday from 2 April on follows. */
const IN_SANTIAGO = [1, 2, 3, 4, 5, 6, 7]
  .map((day) => new Date(Date.UTC(year, 3, day)))
  .find((day) => day.getUTCDay() === 6)!
  .toISOString()
  .slice(0, 10);

function lastThursday(month: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  last.setUTCDate(last.getUTCDate() - ((last.getUTCDay() + 3) % 7));
  return last.toISOString().slice(0, 10);
}

/** Where the summer's last hour comes twice before midnight, and the day on which it does. */
const TWICE = [
  ['Africa/Cairo', IN_CAIRO],
  ['America/Santiago', IN_SANTIAGO],
];

for (const [timezoneId, date] of TWICE) {
  test.describe(`In ${timezoneId}`, () => {
    test.use({ timezoneId });

    test('the day on which summer time ends at midnight is as long as it is', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const hours = await page.evaluate(
        (day) => (Date.parse(`${day}T24:00`) - Date.parse(`${day}T00:00`)) / 3_600_000,
        date,
      );
      expect(hours, 'as this browser knows the zone').toBe(25);
      await createToken(page, {
        description: 'Day',
        expires: 'Custom date',
        date,
        password: PEOPLE.tia.local,
      });
      await page.getByRole('button', { name: 'Done' }).click();
      const end = await expiry(tokenCard(page, 'Day')).getAttribute('datetime');
      const days = await page.evaluate(
        (at) => [0, 1000].map((ms) => new Date(Date.parse(at!) + ms).toLocaleDateString('sv')),
        end,
      );
      const next = new Date(Date.parse(`${date}T00:00Z`) + 24 * 3_600_000);
      expect(days).toEqual([date, next.toISOString().slice(0, 10)]);
    });
  });
}

const expiry = (card: Locator) => card.locator('time').last();

for (const timezoneId of ['Pacific/Auckland', 'Europe/Berlin', 'America/Los_Angeles', 'UTC']) {
  test.describe(`In ${timezoneId}`, () => {
    test.use({ timezoneId });

    test('the day that is chosen is the day that is shown', async ({ as }) => {
      const page = await as('tia', '/settings/auth-tokens');
      expect(await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone)).toBe(
        timezoneId,
      );
      await createToken(page, {
        description: 'Day',
        expires: 'Custom date',
        date: DAYS[0],
        password: PEOPLE.tia.local,
      });
      await page.getByRole('button', { name: 'Done' }).click();
      const card = tokenCard(page, 'Day');
      await expect(expiry(card)).toHaveAttribute('title', `${words(DAYS[0])}, 23:59`);
      for (const date of DAYS.slice(1)) {
        await opener(card, 'Edit').click();
        await card.getByLabel('Expires').selectOption({ label: 'Custom date' });
        await card.getByLabel('Custom date').fill(date);
        await card.getByRole('button', { name: 'Save Changes' }).click();
        await expect(opener(card, 'Edit')).toBeVisible();
        await expect(expiry(card), date).toHaveAttribute('title', `${words(date)}, 23:59`);
        await opener(card, 'Edit').click();
        await expect(card.getByLabel('Expires').locator('option').first()).toHaveText(
          `As now: ${words(date)}`,
        );
        await card.getByRole('button', { name: 'Cancel' }).click();
      }
      // Asked for by its address, the form says the same once it is alive.
      const { edit } = await open(page, '/settings/auth-tokens').then(() =>
        opener(card, 'Edit').evaluate((button: HTMLButtonElement) => ({ edit: button.value })),
      );
      await open(page, `/settings/auth-tokens?edit=${edit}`);
      await expect(card.getByLabel('Expires').locator('option').first()).toHaveText(
        `As now: ${words(DAYS.at(-1)!)}`,
      );
    });

    test('today can be chosen as long as it lasts here, and nothing before it is offered', async ({
      as,
    }) => {
      const page = await as('tia', '/settings/auth-tokens');
      const today = await page.evaluate(() =>
        new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10),
      );
      await openTokenForm(page);
      await tokenForm(page).getByLabel('Expires').selectOption({ label: 'Custom date' });
      await expect(tokenForm(page).getByLabel('Custom date')).toHaveAttribute('min', today);
      await expect(tokenForm(page).getByLabel('Custom date')).toHaveAccessibleDescription(
        'The token works through the end of that day.',
      );
      await page.getByRole('button', { name: 'Cancel' }).click();
      await createToken(page, {
        description: 'Today',
        expires: 'Custom date',
        date: today,
        password: PEOPLE.tia.local,
      });
      await page.getByRole('button', { name: 'Done' }).click();
      await expect(expiry(tokenCard(page, 'Today'))).toHaveAttribute(
        'title',
        `${words(today)}, 23:59`,
      );
      await expect(tokenCard(page, 'Today').locator('time.day'), 'made today').toHaveText(
        words(today),
      );
    });
  });
}

test.describe('Without JavaScript', () => {
  // Where the day of UTC is most often another one: a page that cannot know says so.
  test.use({ javaScriptEnabled: false, timezoneId: 'Pacific/Auckland' });

  test('a day is UTC’s, and the page says so wherever there is one', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    const date = tokenForm(page).getByLabel('Custom date');
    await expect(date).toHaveAccessibleDescription(
      'The token works through the end of that day. It is a day of UTC.',
    );
    await expect(date).toHaveAttribute('min', new Date().toISOString().slice(0, 10));
    await createTokenFilled(page);
    await open(page, '/settings/auth-tokens');
    const card = tokenCard(page, 'Year’s end');
    await expect(expiry(card)).toHaveAttribute('title', `31 Dec ${year}, 23:59 UTC`);
    await expect(card.locator('time.day')).toHaveText(/^\d+ \w{3} \d{4} UTC$/);
    await opener(card, 'Edit').click();
    await expect(card.getByLabel('Expires').locator('option').first()).toHaveText(
      `As now: 31 Dec ${year} UTC`,
    );
    await open(page, '/settings/about-me');
    await expect(page.getByText(/^Set on \d+ \w{3} \d{4} UTC by you\.$/)).toBeVisible();
  });
});

async function createTokenFilled(page: Page) {
  const form = tokenForm(page);
  await form.getByLabel('Description').fill('Year’s end');
  await form.getByLabel('Expires').selectOption({ label: 'Custom date' });
  await form.getByLabel('Custom date').fill(`${year}-12-31`);
  await form.getByLabel('Your local password').fill(PEOPLE.tia.local);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
}

test.describe('With the operator’s longest life', () => {
  test.use({
    timezoneId: 'Pacific/Auckland',
    deskOptions: { env: { LATCHKEY_TOKEN_MAX_DAYS: '30' } },
  });

  test('the last day that is offered can be chosen', async ({ as }) => {
    const page = await as('tia', '/settings/auth-tokens');
    await openTokenForm(page);
    await tokenForm(page).getByLabel('Expires').selectOption({ label: 'Custom date' });
    const last = await tokenForm(page).getByLabel('Custom date').getAttribute('max');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await createToken(page, {
      description: 'As long as may be',
      expires: 'Custom date',
      date: last!,
      password: PEOPLE.tia.local,
    });
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(expiry(tokenCard(page, 'As long as may be'))).toHaveAttribute(
      'title',
      `${words(last!)}, 23:59`,
    );
  });
});
