// Pages as they are heard.

import { PEOPLE } from '../support/people';
import { createToken, open, openTokenForm, opener } from '../support/steps';
import { expect, test } from '../support/test';

// What somebody hears who does not see: names and roles, in the order in which they come.

test('Auth Tokens, as it is heard', async ({ as, desk }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await expect(page.locator('body')).toMatchAriaSnapshot(`
    - link "Skip to content"
    - banner:
      - link "Latchkey"
      - button /Theme/
      - group: Logged in as tia
    - main:
      - navigation "Settings":
        - link "About Me"
        - link "Auth Tokens"
        - link "Sessions"
        - link "Notices"
        - link "Activity"
      - heading "Auth Tokens" [level=1]
      - button "Create token"
      - paragraph: No auth tokens yet.
    - contentinfo
  `);
  await openTokenForm(page);
  await expect(page.getByRole('dialog', { name: 'New token' })).toMatchAriaSnapshot(`
    - dialog "New token":
      - heading "New token" [level=2]
      - text: Description
      - textbox "Description"
      - text: Your local password
      - textbox "Your local password"
      - checkbox "Show passwords"
      - combobox "Expires"
      - combobox "Access"
      - textbox "Allowed networks"
      - button "Create"
      - button "Cancel"
  `);
  await page.keyboard.press('Escape');
  const token = await createToken(page, {
    description: 'Backup script',
    password: PEOPLE.tia.local,
  });
  await expect(page.getByRole('dialog', { name: 'Your new auth token' })).toMatchAriaSnapshot(`
    - dialog "Your new auth token":
      - heading "Your new auth token" [level=2]
      - textbox "New auth token"
      - button "Copy"
      - button "Try it"
      - button "Done"
  `);
  await page.getByRole('button', { name: 'Done' }).click();
  await desk.verify(`token ${token}`);
  await expect(page.getByRole('img', { name: 'Used 1 time in 30 days' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('list').last()).toMatchAriaSnapshot(`
    - list:
      - listitem:
        - heading "Backup script" [level=2]
        - paragraph:
          - text: /^Full access/
          - text: /Id [0-9a-f]{8} Used$/
          - text: /^from /
          - img "Used 1 time in 30 days"
          - text: /^Expires/
        - button "Edit"
        - button "Renew"
        - button "Revoke"
  `);
  await opener(page, 'Revoke').click();
  await expect(page.getByRole('dialog')).toMatchAriaSnapshot(`
    - dialog /^Revoke Backup script. The application using it stops/:
      - heading /^Revoke Backup script. The application using it stops/ [level=2]
      - paragraph: /^Id [0-9a-f]{8}$/
      - button "Revoke token"
      - button "Cancel"
  `);
});

test('The Help Desk’s pages, as they are heard', async ({ as }) => {
  const page = await as('helen', '/admin/users?q=sam');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - navigation "Admin":
        - link "Users"
      - heading "Select User" [level=1]
      - search:
        - searchbox "NetID, name or e-mail"
        - button "Search"
      - status: 1 person found.
      - table:
        - rowgroup:
          - row "NetID Name E-mail Role Local password Tokens"
        - rowgroup:
          - row:
            - rowheader "sam":
              - link "sam"
  `);
  await open(page, '/admin/users/sam');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading /\\(sam\\)$/ [level=1]
      - region "Identity"
      - complementary:
        - region "Access Control":
          - heading "Access Control" [level=2]
          - textbox "Your local password"
          - textbox "New password for sam"
          - textbox "Retype new password"
          - button "Save Changes"
          - button "Generate"
      - region "Auth Tokens"
      - region "Sessions"
      - region "History"
  `);
});

test('Log in, as it is heard', async ({ page }) => {
  await open(page, '/login');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Log in" [level=1]
      - textbox "NetID"
      - textbox "Password"
      - button "Log in"
      - paragraph:
        - link "Help"
      - heading "Demo accounts" [level=2]
  `);
});
