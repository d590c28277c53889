import { expect, test } from '../support/test';

test.describe('While many log in at once', () => {
  test.use({ deskOptions: { env: { LATCHKEY_LOG_INS_PER_MINUTE: '0' } } });

  test('every page comes, and comes whole', async ({ desk }) => {
    const key = () => crypto.randomUUID().replaceAll('-', '');
    const logIn = async (accept: string, netid: string) => {
      const body = new URLSearchParams({ form: key(), netid, password: 'not-theirs', next: '/' });
      const headers = { 'Sec-Fetch-Site': 'same-origin', Accept: accept };
      const answer = await fetch(`${desk.url}/fn/log_in?from=/login`, { method: 'POST', redirect: 'manual', headers, body });
      await answer.text();
      return answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');
    };
    const scripted = async (who: number) => {
      for (let time = 0; time < 60; time++) await logIn('application/json', `scripted-${who}-${time}`);
    };
    const plain = async (who: number) => {
      for (let time = 0; time < 60; time++) {
        const cookie = await logIn('text/html', `plain-${who}-${time}`);
        const page = await fetch(`${desk.url}/login`, { headers: { Accept: 'text/html', cookie }, signal: AbortSignal.timeout(10_000) });
        const text = await page.text();
        expect(text).toContain('Your NetID or password is incorrect.');
        expect(text).toContain(`value="plain-${who}-${time}"`);
        expect(text, 'the end of the page').toContain('__INCOMPLETE_CHUNKS');
      }
    };
    await Promise.all([scripted(1), scripted(2), scripted(3), scripted(4), plain(1), plain(2), plain(3), plain(4)]);
  });
});
