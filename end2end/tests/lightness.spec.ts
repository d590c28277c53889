// What pages weigh on the wire, and how idle they are where much happens.

import type { CDPSession, Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, open, ready, tokenCard } from '../support/steps';
import { expect, test } from '../support/test';

/** What a page weighs at most, the first time and then: in bytes on the wire, in requests. */
const COLD = { bytes: { settings: 203_500, admin: 211_500 }, requests: 6 };
const WARM = { bytes: 15_000 };

/** Opens a page and gives what came over the wire for it. */
async function weigh(page: Page, path: string): Promise<{ bytes: number; requests: string[] }> {
  const wire: CDPSession = await page.context().newCDPSession(page);
  await wire.send('Network.enable');
  const weighed = { bytes: 0, requests: [] as string[] };
  const fromCache = new Set<string>();
  wire.on('Network.requestServedFromCache', ({ requestId }) => fromCache.add(requestId));
  wire.on('Network.responseReceived', ({ requestId, response }) => {
    if (!fromCache.has(requestId) && !response.fromDiskCache && !response.url.startsWith('data:'))
      weighed.requests.push(new URL(response.url).pathname);
  });
  wire.on('Network.dataReceived', ({ encodedDataLength }) => {
    weighed.bytes += encodedDataLength;
  });
  await page.goto(path);
  await ready(page);
  await page.waitForLoadState('load');
  await wire.detach();
  return weighed;
}

for (const [netid, path] of [
  ['tia', '/settings/auth-tokens'],
  ['helen', '/admin/users'],
  ['helen', '/admin/users/tia'],
] as const) {
  test(`${path} is light the first time, and next to nothing then`, async ({
    as,
    browser,
    desk,
  }) => {
    const page = await as(netid);
    // The same session in a browser that has nothing of the site yet.
    const fresh = await browser.newContext({
      baseURL: desk.url,
      storageState: await page.context().storageState(),
    });
    const cold = await weigh(await fresh.newPage(), path);
    expect(cold.requests.length, cold.requests.join(' ')).toBeLessThanOrEqual(COLD.requests);
    expect(cold.bytes).toBeGreaterThan(100_000);
    expect(cold.bytes).toBeLessThanOrEqual(
      path.startsWith('/admin') ? COLD.bytes.admin : COLD.bytes.settings,
    );
    const warm = await weigh(await fresh.newPage(), path);
    expect(warm.bytes, warm.requests.join(' ')).toBeLessThan(WARM.bytes);
    await fresh.close();
  });
}

test.describe('Five hundred tokens, used ten times a second', () => {
  test.use({
    deskOptions: { env: { LATCHKEY_TOKENS_PER_USER: '1000', LATCHKEY_TOKENS_PER_MINUTE: '1000' } },
  });

  test('leave the page idle, the focus where it was and what is typed', async ({ as, desk }) => {
    test.slow();
    const page = await as('tia', '/settings/auth-tokens');
    await createToken(page, { description: 'Number 0', password: PEOPLE.tia.local });
    const cookie = (await page.context().cookies())
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = { 'Sec-Fetch-Site': 'same-origin', cookie };
    const make = async (place: number) => {
      const body = new URLSearchParams({
        form: crypto.randomUUID(),
        description: `Number ${place + 1}`,
        expires: '90',
        access: 'full',
      });
      const answer = await fetch(`${desk.url}/fn/create_token`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return Buffer.from(await answer.arrayBuffer())
        .toString('latin1')
        .match(/latchkey_[0-9A-Za-z]{36}/)![0];
    };
    // Some at once: changes are written one after the other, and none waits for hundreds.
    const tokens: string[] = [];
    while (tokens.length < 499) {
      const places = Array.from(
        { length: Math.min(50, 499 - tokens.length) },
        (_, n) => tokens.length + n,
      );
      tokens.push(...(await Promise.all(places.map(make))));
    }
    await open(page, '/settings/auth-tokens');
    await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(500);
    const find = page.getByRole('searchbox', { name: 'Find a token' });
    await find.focus();

    const wire = await page.context().newCDPSession(page);
    // The page's own time on the processor: what else the machine does is not in it.
    await wire.send('Performance.enable', { timeDomain: 'threadTicks' });
    const scripts = async () =>
      (await wire.send('Performance.getMetrics')).metrics.find(
        ({ name }) => name === 'ScriptDuration',
      )!.value;
    const [before, began] = [await scripts(), performance.now()];
    for (let turn = 0; turn < 50; turn++) {
      const next = new Promise((done) => setTimeout(done, 100));
      expect((await desk.verify(`token ${tokens[(turn * 37) % tokens.length]}`)).status).toBe(200);
      if (turn === 20) await page.keyboard.type('Number 4');
      await next;
    }
    const share = ((await scripts()) - before) / ((performance.now() - began) / 1000);
    expect(share).toBeGreaterThan(0);
    await expect(find).toBeFocused();
    await expect(find).toHaveValue('Number 4');
    await find.fill('');
    await expect(tokenCard(page, `Number ${((49 * 37) % tokens.length) + 1}`)).toContainText(
      /Used .+ from 127\.0\.0\.1/,
    );
    expect(share, 'of one core for scripts').toBeLessThan(0.2);
    console.log(`scripts took ${(share * 100).toFixed(1)} % of one core`);
  });
});
