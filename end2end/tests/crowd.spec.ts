// Pages come whole while many people ask for many.

import { ADMIN_PAGES, OWN_PAGES } from '../support/pages';
import { PEOPLE, type Netid } from '../support/people';
import { expect, test } from '../support/test';

test.describe('While many log in at once', () => {
  test.use({ deskOptions: { env: { LATCHKEY_LOG_INS_PER_MINUTE: '0' } } });

  test('every page comes, and comes whole', async ({ desk }) => {
    const key = () => crypto.randomUUID().replaceAll('-', '');
    const logIn = async (accept: string, netid: string) => {
      const body = new URLSearchParams({ form: key(), netid, password: 'not-theirs', next: '/' });
      const headers = { 'Sec-Fetch-Site': 'same-origin', Accept: accept };
      const answer = await fetch(`${desk.url}/fn/log_in?from=/login`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
      });
      await answer.text();
      return answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; ');
    };
    const scripted = async (who: number) => {
      for (let time = 0; time < 60; time++)
        await logIn('application/json', `scripted-${who}-${time}`);
    };
    const plain = async (who: number) => {
      for (let time = 0; time < 60; time++) {
        const cookie = await logIn('text/html', `plain-${who}-${time}`);
        const page = await fetch(`${desk.url}/login`, {
          headers: { Accept: 'text/html', cookie },
          signal: AbortSignal.timeout(30_000),
        });
        const text = await page.text();
        expect(text).toContain('Your NetID or password is incorrect.');
        expect(text).toContain(`value="plain-${who}-${time}"`);
        expect(text, 'the end of the page').toMatch(/<\/html>$/);
      }
    };
    await Promise.all([
      scripted(1),
      scripted(2),
      scripted(3),
      scripted(4),
      plain(1),
      plain(2),
      plain(3),
      plain(4),
    ]);
  });
});

// What is drawn for one must never be in what another gets.
test('Every page comes whole while many ask for many', async ({ desk }) => {
  const logIn = async (netid: Netid) => {
    const body = new URLSearchParams({
      form: crypto.randomUUID(),
      netid,
      password: PEOPLE[netid].password,
      next: '/',
    });
    const headers = { 'Sec-Fetch-Site': 'same-origin', Accept: 'application/json' };
    const answer = await fetch(`${desk.url}/fn/log_in?from=/login`, {
      method: 'POST',
      headers,
      body,
    });
    return answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  };
  const visit = async (netid: Netid, paths: string[]) => {
    const cookie = await logIn(netid);
    for (let time = 0; time < 20; time++) {
      for (const path of paths) {
        const page = await fetch(desk.url + path, {
          headers: { Accept: 'text/html', cookie },
          redirect: 'manual',
          signal: AbortSignal.timeout(30_000),
        });
        const text = await page.text();
        expect(page.status, path).toBe(200);
        expect(text, path).toContain(`Logged in as <!>${netid}`);
        expect(text, 'the end of the page').toMatch(/<\/html>$/);
      }
    }
  };
  await Promise.all([
    visit('tia', OWN_PAGES),
    visit('rae', OWN_PAGES),
    visit('sam', OWN_PAGES),
    visit('ada', [...ADMIN_PAGES, '/admin/users?q=t']),
    visit('ada', OWN_PAGES),
    visit('helen', OWN_PAGES),
  ]);
});
