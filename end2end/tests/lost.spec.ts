// Answers that never come, and sessions that end meanwhile: what the page then says.

import type { Locator, Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import {
  at,
  createToken,
  fillToken,
  logIn,
  open,
  openTokenForm,
  opener,
  fillLogIn,
  ready,
  tokenCard,
  tokenForm,
  withoutNews,
} from '../support/steps';
import { expect, forgiveLostConnections, test } from '../support/test';

const LOCAL = PEOPLE.tia.local;

test('A form whose answer was lost says so once, and makes another when it is sent again', async ({
  as,
  complaints,
}) => {
  const page = await as('tia');
  await withoutNews(page);
  await open(page, '/settings/auth-tokens');
  await openTokenForm(page);
  await fillToken(page, { description: 'Never seen', password: LOCAL });
  // It is done, and the answer does not arrive.
  await page.route('**/fn/create_token*', async (route) => {
    await route.fetch();
    await route.abort();
  });
  const create = tokenForm(page).getByRole('button', { name: 'Create', exact: true });
  await create.click();
  const alert = page.getByRole('dialog').getByRole('alert');
  await expect(alert).toHaveText(
    'The connection to Latchkey is lost. Try again: nothing is done twice.',
  );
  await page.unroute('**/fn/create_token*');
  await create.click();
  await expect(alert).toHaveText(
    'This form was already received, and nothing was done twice. Look at the list of tokens ' +
      'before you try again: a token that you never saw is of no use, so revoke it.',
  );
  await expect(tokenCard(page, 'Never seen'), 'the list is there behind it').toHaveCount(1);
  await tokenForm(page).getByLabel('Description').fill('Seen');
  await create.click();
  await expect(page.getByLabel('New auth token', { exact: true })).toBeVisible();
  await expect(tokenCard(page, 'Seen')).toHaveCount(1);
  forgive(complaints);
});

const LOST = 'The connection to Latchkey is lost. Try again: nothing is done twice.';

test('In a dialog that is scrolled down it comes into sight that an answer was lost', async ({
  as,
  complaints,
}) => {
  const page = await as('tia');
  await withoutNews(page);
  await page.setViewportSize({ width: 375, height: 568 });
  await open(page, '/settings/auth-tokens');
  await openTokenForm(page);
  await fillToken(page, { description: 'Never seen', password: LOCAL });
  const dialog = page.getByRole('dialog');
  const toItsEnd = () =>
    dialog.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
      return element.scrollTop;
    });
  const alert = dialog.getByRole('alert');
  // By keyboard: whoever presses Enter at the last field has scrolled down to it.
  const create = async () => {
    await tokenForm(page).getByLabel('Allowed networks').focus();
    expect(await toItsEnd(), 'the dialog is longer than the screen').toBeGreaterThan(50);
    await page.keyboard.press('Enter');
  };
  await page.route('**/fn/create_token*', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await create();
  await expect(alert).toHaveText(LOST);
  await expect(alert).toBeInViewport({ ratio: 1 });
  await page.unroute('**/fn/create_token*');
  // And so does what is said of it when it is sent again, the text of before being gone.
  await create();
  await expect(alert).toContainText('This form was already received');
  await expect(alert).toBeInViewport({ ratio: 1 });
  forgive(complaints);
});

const FILLED_IN =
  'the first time, as the form was filled in then. If you have filled in anything else since, ' +
  'send it again.';
const NEW = 'plum-Zeppelin-orbit-7';

/** Sends a form, loses its answer, and sends it again as somebody who never heard of it. */
async function sendTwice(page: Page, path: string, fill: () => Promise<Locator>, did: string) {
  const alert = page.getByRole('alert').filter({ hasText: /./ });
  const good = page.getByRole('status').filter({ hasText: 'already received' });
  const before = await page.context().cookies();
  await page.route(path, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await (await fill()).click();
  await expect(alert).toHaveText(LOST);
  await page.unroute(path);
  // Nor of the session's new id.
  await page.context().addCookies(before);
  await (await fill()).click();
  await expect(good).toHaveText(
    `This form was already received, and nothing was done twice. ${did}`,
  );
  await expect(alert, 'it is no bad news').toHaveCount(0);
}

test('A form that was done, its answer lost, is no wrong try and no other’s change', async ({
  as,
  complaints,
}) => {
  const page = await as('tia');
  await withoutNews(page);
  await open(page, '/settings/auth-tokens');
  await createToken(page, { description: 'Before', password: LOCAL });
  await open(page, '/settings/auth-tokens');
  await opener(tokenCard(page, 'Before'), 'Edit').click();
  const edit = page
    .locator('form')
    .filter({ has: page.getByRole('button', { name: 'Save Changes' }) });
  const changed = async () => {
    await edit.getByLabel('Description').fill('After');
    return edit.getByRole('button', { name: 'Save Changes' });
  };
  const saved = `Your changes of the token were saved ${FILLED_IN}`;
  await sendTwice(page, '**/fn/edit_token*', changed, saved);
  await open(page, '/settings/auth-tokens');
  await expect(tokenCard(page, 'After')).toHaveCount(1);

  await open(page, '/settings/about-me');
  const own = async () => {
    await page.getByLabel('Current password').fill(LOCAL);
    await page.getByLabel('New password', { exact: true }).fill(NEW);
    await page.getByLabel('Retype new password').fill(NEW);
    return page.getByRole('button', { name: 'Save Changes' });
  };
  const set = `Your local password was changed ${FILLED_IN}`;
  await sendTwice(page, '**/fn/change_password*', own, set);

  const ada = await as('ada');
  await withoutNews(ada);
  await open(ada, '/admin/users/tia');
  const account = ada
    .locator('form')
    .filter({ has: ada.getByRole('combobox', { name: 'Role' }) });
  const promoted = async () => {
    await account.getByRole('combobox', { name: 'Role' }).selectOption('rep');
    await account.getByLabel('Your local password').fill(PEOPLE.ada.local);
    return account.getByRole('button', { name: 'Save account' });
  };
  await sendTwice(ada, '**/fn/change_account*', promoted, `The account was changed ${FILLED_IN}`);
  const role = ada.getByRole('definition').filter({ hasText: 'Campus Services rep' });
  await expect(role, 'the page shows what is so now').toHaveCount(1);
  await expect(account.getByRole('combobox', { name: 'Role' })).toHaveValue('rep');
  await expect(account.getByText(/^Meanwhile/), 'nobody else changed it').toHaveCount(0);

  const after = await as('tia', '/settings/activity');
  const table = after.getByRole('main');
  await expect(table).toContainText('Local password changed');
  await expect(table).not.toContainText(/wrong|refused/i);
  forgive(complaints);
});

/** helen sets sam an initial password that is proposed to her; `lose`: the answer never comes. */
async function passphrases(helen: Page) {
  await withoutNews(helen);
  await open(helen, '/admin/users/sam');
  const path = '**/fn/set_local_password*';
  const shown = helen.getByText(/^[a-z]+(-[a-z]+){4}$/);
  const alert = helen.getByRole('alert').filter({ hasText: /./ });
  const save = () => helen.getByRole('button', { name: 'Save Changes' }).click();
  return {
    shown,
    alert,
    say: helen.getByText(/say to Sam .*: “Log in with your NetID/),
    save,
    generate: async () => {
      const before = await shown.allTextContents();
      await helen.getByRole('button', { name: 'Generate' }).click();
      await expect(shown).toHaveCount(1);
      if (before.length) await expect(shown).not.toHaveText(before[0]);
      return (await shown.textContent())!.trim();
    },
    lose: async () => {
      await helen.route(path, async (route) => {
        await route.fetch();
        await route.abort();
      });
      await save();
      await expect(alert).toHaveText(LOST);
      await helen.unroute(path);
    },
  };
}

test('A passphrase that is generated after a lost answer is another form, and is saved', async ({
  as,
  complaints,
}) => {
  const helen = await as('helen');
  const { generate, lose, save, say, shown } = await passphrases(helen);
  await generate();
  await helen.getByLabel('Your local password', { exact: true }).fill(PEOPLE.helen.local);
  await lose();
  const words = await generate();
  await expect(say).toHaveText(/^Once it is saved, /);
  await save();
  await expect(say).toHaveText(/^Saved\. Now say to Sam /);
  await expect(shown).toHaveText(words);
  const sam = await as('sam', '/settings/about-me');
  await sam.getByLabel('Current password').fill(words);
  await sam.getByLabel('New password', { exact: true }).fill(NEW);
  await sam.getByLabel('Retype new password').fill(NEW);
  await sam.getByRole('button', { name: 'Save Changes' }).click();
  await expect(sam.getByText('Your local password has been changed.')).toBeVisible();
  forgive(complaints);
});

test('A passphrase is said to be saved by the answer that it is, a second one too', async ({
  as,
  complaints,
}) => {
  const helen = await as('helen');
  const { generate, lose, save, say, shown, alert } = await passphrases(helen);
  const words = await generate();
  const own = helen.getByLabel('Your local password', { exact: true });
  const local = helen.getByRole('definition').filter({ hasText: /^(none|initial)/i });
  await save();
  await expect(own).toHaveAttribute('aria-invalid', 'true');
  await own.fill(PEOPLE.helen.local);
  await lose();
  await expect(own, 'nothing was said of it').not.toHaveAttribute('aria-invalid');
  await expect(helen.getByText('Please enter your local password.')).toHaveCount(0);
  await expect(local).toHaveText(/^none/i);
  await save();
  const good = helen.getByRole('status').filter({ hasText: 'already received' });
  await expect(good).toContainText(`The local password was set ${FILLED_IN}`);
  await expect(alert).toHaveCount(0);
  await expect(local, 'the page shows what is so now').toHaveText(/^initial/i);
  await expect(say).toHaveText(/^Saved\. Now say to Sam /);
  await expect(shown).toHaveText(words);
  await expect(helen.getByLabel('New password for sam'), 'nothing is to be saved').toHaveValue('');

  // Asked for while another is on its way to be saved: that one stays.
  const [next, path] = [await generate(), '**/fn/set_local_password*'];
  let answer = () => {};
  const generated = new Promise<void>((done) => {
    answer = done;
  });
  await helen.route(path, async (route) => {
    await generated;
    await route.continue();
  });
  await save();
  const proposed = helen.waitForResponse('**/fn/generate_passphrase');
  await helen.getByRole('button', { name: 'Generate' }).click();
  await (await proposed).finished();
  answer();
  await expect(say).toHaveText(/^Saved\. Now say to Sam /);
  await expect(shown).toHaveText(next);
  await helen.unroute(path);

  // One that was typed over is not read out.
  await generate();
  await helen.getByLabel('New password for sam').fill(NEW);
  await helen.getByLabel('Retype new password').fill(NEW);
  await save();
  await expect(shown).toHaveCount(0);
  forgive(complaints);
});

test('Which of two passwords was saved is not guessed where both were sent', async ({
  as,
  complaints,
}) => {
  const helen = await as('helen');
  const { generate, lose, save, say, shown } = await passphrases(helen);
  const words = await generate();
  await helen.getByLabel('Your local password', { exact: true }).fill(PEOPLE.helen.local);
  const type = async (text: string) => {
    await helen.getByLabel('New password for sam').fill(text);
    await helen.getByLabel('Retype new password').fill(text);
  };
  await type(NEW);
  await lose();
  await type(words);
  await save();
  const good = helen.getByRole('status').filter({ hasText: 'already received' });
  await expect(good).toContainText(`The local password was set ${FILLED_IN}`);
  await expect(say, 'it may be the other').toHaveText(/^Once it is saved, /);
  await save();
  await expect(say).toHaveText(/^Saved\. Now say to Sam /);
  await expect(shown).toHaveText(words);
  forgive(complaints);
});

test('Select User without a connection says that, and finds people once it is back', async ({
  as,
  complaints,
}) => {
  const page = await as('helen', '/admin/users');
  await page.route('**/fn/find_users', (route) => route.abort());
  const search = page.getByLabel('NetID, name or e-mail');
  await search.fill('sam');
  const alert = page.getByRole('alert').filter({ hasText: /./ });
  await expect(alert).toHaveText('The connection to Latchkey is lost. Try again in a moment.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await page.unroute('**/fn/find_users');
  await search.press('Enter');
  await expect(page).toHaveURL(at('/admin/users/sam'));
  forgive(complaints);
});

test('A proxy that has no answer either is no store that cannot be reached', async ({
  as,
  complaints,
}) => {
  const page = await as('helen', '/admin/users');
  await page.route('**/fn/find_users', (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }),
  );
  await page.getByLabel('NetID, name or e-mail').fill('sam');
  await expect(
    page.getByText('The connection to Latchkey is lost. Try again in a moment.'),
  ).toBeVisible();
  forgive(complaints);
});

test('A session that is ended elsewhere is told at the log-in, which leads back', async ({
  as,
}) => {
  const watching = await as('tia', '/settings/activity');
  const acting = await as('tia', '/settings/sessions');
  await opener(acting, 'Log out everywhere else').click();
  await expect(watching.getByRole('status').filter({ hasText: /./ })).toHaveText(
    'Your session has ended. Log in again to go on where you were.',
  );
  await ready(watching);
  await fillLogIn(watching, 'tia', PEOPLE.tia.password);
  await expect(watching).toHaveURL(at('/settings/activity'));
});

test('The log-in of a stranger, and after Log out, tells of no session', async ({ page }) => {
  await open(page, '/settings/activity');
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page.getByText('Your session has ended')).toHaveCount(0);
  await logIn(page, 'tia');
  await open(page, '/settings/sessions');
  await page.getByRole('main').getByRole('button', { name: 'Log out', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
  await expect(page.getByText('Your session has ended')).toHaveCount(0);
});

test('A file of the audit, asked for after the session has ended, leads to the log-in', async ({
  as,
}) => {
  const page = await as('ada');
  await withoutNews(page);
  await open(page, '/admin/audit?actor=tia');
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Download CSV' }).click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await ready(page);
  await fillLogIn(page, 'ada', PEOPLE.ada.password);
  await expect(page).toHaveURL(/\/admin\/audit\?actor=tia$/);
});

/** Takes out what the browser says of answers that the tests took away. */
function forgive(complaints: string[]) {
  forgiveLostConnections(complaints);
  const others = complaints.filter((line) => !/ERR_FAILED|status of 502/.test(line));
  complaints.splice(0, complaints.length, ...others);
}
