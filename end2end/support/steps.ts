// What a person does, step by step, by the words they see. Works with and without JavaScript.

import { randomUUID } from 'node:crypto';
import { expect, type APIResponse, type Locator, type Page } from '@playwright/test';
import { PEOPLE, type Netid } from './people';

/**
 * Whether this test's browser runs script; set by the fixtures, one test at a time in each worker.
 */
export const browser = { scripted: true };

/** Waits until the page answers to script, where there is any. */
export async function ready(page: Page): Promise<void> {
  if (browser.scripted) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await ready(page);
}

export async function fillLogIn(page: Page, netid: string, password: string): Promise<void> {
  await page.getByLabel('NetID', { exact: true }).fill(netid);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

export async function logIn(page: Page, netid: Netid): Promise<void> {
  await open(page, '/login');
  await fillLogIn(page, netid, PEOPLE[netid].password);
  await expect(menuButton(page, netid)).toBeVisible();
  await ready(page);
}

/**
 * Logs in as the form's own script would, and opens a page: the form is for the tests that are
 * about logging in.
 */
export async function comeIn(page: Page, netid: Netid, origin: string, path: string) {
  const { password } = PEOPLE[netid];
  const answer = await page.request.post(`${origin}/fn/log_in?from=/login`, {
    form: { form: randomUUID().replaceAll('-', ''), netid, password, next: '/' },
    headers: { Origin: origin, 'Sec-Fetch-Site': 'same-origin', Accept: 'application/json' },
  });
  expect(answer.status(), `${netid} logs in`).toBe(200);
  await open(page, path);
  await expect(menuButton(page, netid)).toBeVisible();
}

/** The button "Logged in as …"; it is a disclosure, whichever way it is made. */
export function menuButton(page: Page, netid: string): Locator {
  return page.locator('summary, button').filter({ hasText: `Logged in as ${netid}` });
}

/** Goes to a place by the menu under "Logged in as …". */
export async function chooseFromMenu(page: Page, netid: string, name: string): Promise<void> {
  await menuButton(page, netid).click();
  await page
    .getByRole('banner')
    .getByRole(name === 'Log out' ? 'button' : 'link', { name, exact: true })
    .click();
}

export interface NewToken {
  description: string;
  /** As the form says it: "30 days", "Never", … */
  expires?: string;
  /** With "Custom date": YYYY-MM-DD. */
  date?: string;
  access?: 'Full' | 'Read only';
  networks?: string;
  /** Where the form asks for it. */
  password?: string;
}

/** Fills the form of Auth Tokens, which is open. */
export async function fillToken(page: Page, token: NewToken): Promise<void> {
  const form = tokenForm(page);
  await form.getByLabel('Description').fill(token.description);
  if (token.expires) await choose(form, 'Expires', token.expires);
  if (token.date) await form.getByLabel('Custom date').fill(token.date);
  if (token.access) await choose(form, 'Access', token.access);
  if (token.networks) await form.getByLabel('Allowed networks').fill(token.networks);
  if (token.password !== undefined)
    await form.getByLabel('Your local password').fill(token.password);
}

/** Picks a choice, be the field a select or a group of radio buttons. */
async function choose(form: Locator, field: string, choice: string): Promise<void> {
  const select = form.getByRole('combobox', { name: field });
  if (await select.count()) await select.selectOption({ label: choice });
  else await form.getByRole('group', { name: field }).getByRole('radio', { name: choice }).check();
}

export function tokenForm(page: Page): Locator {
  return page
    .locator('form')
    .filter({ has: page.getByRole('button', { name: 'Create', exact: true }) });
}

/** Opens the form on Auth Tokens. */
export async function openTokenForm(page: Page): Promise<void> {
  await opener(page, 'Create token').click();
  await expect(tokenForm(page)).toBeVisible();
}

/** A button where there is script, and a link that looks like one where there is none. */
export function opener(scope: Page | Locator, name: string): Locator {
  return scope
    .getByRole('button', { name, exact: true })
    .or(scope.getByRole('link', { name, exact: true }));
}

/** Makes a token on Auth Tokens and gives it. */
export async function createToken(page: Page, token: NewToken): Promise<string> {
  await openTokenForm(page);
  await fillToken(page, token);
  await tokenForm(page).getByRole('button', { name: 'Create', exact: true }).click();
  const shown = page.getByLabel('New auth token', { exact: true });
  await expect(shown).toBeVisible();
  await expect(page.getByText(`For “${token.description}”. Its Id is `)).toBeVisible();
  const value = await shown.inputValue();
  expect(value).toMatch(/^latchkey_[0-9A-Za-z]{36}$/);
  return value;
}

/** The card of one token in the list. */
export function tokenCard(page: Page, description: string): Locator {
  return page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: description, exact: true }) });
}

/** Revokes one token of the list. */
export async function revoke(page: Page, description: string, password?: string): Promise<void> {
  await opener(tokenCard(page, description), 'Revoke').click();
  const dialog = page
    .getByRole('dialog')
    .or(page.locator('form').filter({ has: page.getByRole('button', { name: 'Revoke token' }) }))
    .first();
  const question = `Revoke ${description}? The application using it stops working at once.`;
  await expect(page.getByText(question)).toBeVisible();
  if (password) await dialog.getByLabel('Your local password').fill(password);
  await page.getByRole('button', { name: 'Revoke token' }).click();
}

/** Nothing secret and no message of ours stands in the address. */
export function expectCleanAddress(page: Page): void {
  const url = decodeURIComponent(page.url());
  expect(url).not.toMatch(/password|latchkey_|error|refus|incorrect|__err|__path/i);
}

/** The stream by which a page hears of changes. */
export const NEWS = /\/live\?/;

/** From the next page on, no news come from the desk. */
export async function withoutNews(page: Page): Promise<void> {
  await page.route(NEWS, () => {});
}

/** Whether an address has this path: a pattern would also fit `/login?next=` with it. */
export function at(path: string): (url: URL) => boolean {
  return (url) => url.pathname === path;
}

/** A form as it would be sent: where to, and what. */
export interface Letter {
  action: string;
  fields: Record<string, string>;
}

/** Copies a form off a page, to be sent by somebody else, twice, or changed. */
export async function letterOf(form: Locator): Promise<Letter> {
  return form.evaluate((element: HTMLFormElement) => ({
    action: element.getAttribute('action') ?? '',
    fields: Object.fromEntries(
      [...new FormData(element)].map(([name, value]) => [name, String(value)]),
    ),
  }));
}

/**
 * Sends a form with this browser's cookies, as the page's own script would: straight to the server
 * function.
 */
export async function send(
  page: Page,
  letter: Letter,
  headers: Record<string, string> = {},
): Promise<APIResponse> {
  const { origin } = new URL(page.url());
  return page.request.post(origin + letter.action, {
    form: letter.fields,
    headers: {
      Origin: origin,
      'Sec-Fetch-Site': 'same-origin',
      Accept: 'application/json',
      ...headers,
    },
    maxRedirects: 0,
  });
}

/**
 * The session of an open page has ended: with script the page hears of it and goes to the log-in by
 * itself.
 */
export async function expectLoggedOut(page: Page): Promise<void> {
  if (!browser.scripted) await page.goto('/settings/about-me');
  await expect(page).toHaveURL(/\/login\?next=/);
}
