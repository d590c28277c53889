// What every answer says to the browser, and that nothing moves while a page loads.

import { ADMIN_PAGES, OWN_PAGES } from '../support/pages';
import { PEOPLE } from '../support/people';
import { createToken, open } from '../support/steps';
import { expect, test } from '../support/test';

test.describe('Every answer', () => {
  test('of a page forbids foreign script, framing, sniffing and storing', async ({ as }) => {
    const page = await as('tia');
    for (const path of [...OWN_PAGES, ...ADMIN_PAGES, '/no-such-page']) {
      const headers = (await page.goto(path))!.headers();
      const policy = headers['content-security-policy'];
      for (const rule of [
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "'wasm-unsafe-eval'",
      ])
        expect(policy, path).toContain(rule);
      expect(policy, path).toMatch(/script-src [^;]*'nonce-[\w+/=-]{16,}'/);
      expect(policy, path).not.toMatch(/unsafe-inline|'unsafe-eval'/);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['referrer-policy'], path).toBe('same-origin');
      expect(headers['cache-control'], path).toContain('no-store');
    }
  });

  test('has a nonce of its own', async ({ page }) => {
    const nonces = new Set<string>();
    for (let time = 0; time < 3; time++)
      nonces.add(
        /'nonce-([^']+)'/.exec(
          (await page.goto('/login'))!.headers()['content-security-policy'],
        )![1],
      );
    expect(nonces.size).toBe(3);
  });

  test('that holds a part of the site is compressed and kept for ever', async ({ page, desk }) => {
    const answers: import('@playwright/test').Response[] = [];
    page.on('response', (answer) => {
      if (answer.url().startsWith(`${desk.url}/pkg/`) && !answer.url().includes('/assets/'))
        answers.push(answer);
    });
    await open(page, '/login');
    expect(answers.length).toBeGreaterThanOrEqual(3);
    for (const answer of answers) {
      const headers = await answer.allHeaders();
      expect(answer.status(), answer.url()).toBe(200);
      expect(headers['cache-control'], answer.url()).toContain('immutable');
      expect(headers['content-encoding'], answer.url()).toMatch(/^(br|gzip)$/);
      expect(headers['x-content-type-options'], answer.url()).toBe('nosniff');
    }
  });
});

test('Nothing moves while Auth Tokens loads and comes alive', async ({ as }) => {
  const page = await as('tia', '/settings/auth-tokens');
  await createToken(page, { description: 'Backup script', password: PEOPLE.tia.local });
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await open(page, '/settings/auth-tokens');
  await page.waitForLoadState('load');
  // Two frames after hydration: the observer has then been told of whatever moved.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([]);
});
