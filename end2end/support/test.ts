// The fixtures: a desk of its own for each test, and people who are logged in.

import {
  test as base,
  expect,
  type BrowserContext,
  type ConsoleMessage,
  type Page,
} from '@playwright/test';
import { Desk, type DeskOptions } from './desk';
import { PEOPLE, type Netid } from './people';
import { browser as kind, comeIn } from './steps';

export { expect };

/** How a complaint about the desk's own log begins. */
const DESK_FAULT = 'the log of the desk';

interface Fixtures {
  /** How to start the desk: `test.use({ deskOptions: { … } })`. */
  deskOptions: DeskOptions;
  /** A desk that only this test uses. */
  desk: Desk;
  /** Opens a browser of its own for somebody, logged in: where a log-in leads, or at this page. */
  as: (netid: Netid, path?: string) => Promise<Page>;
  /** Complaints of the browser so far; a test that expects one removes it. */
  complaints: string[];
}

/** Playwright's test with a desk, and with a browser that may not complain about anything. */
export const test = base.extend<Fixtures>({
  deskOptions: [{}, { option: true }],

  desk: async ({ deskOptions }, use) => {
    const desk = await Desk.open(deskOptions);
    await use(desk);
    await desk.close();
    const secrets = Object.values(PEOPLE)
      .flatMap((who) => [who.password, who.local])
      .filter(Boolean);
    for (const secret of secrets)
      expect(desk.log, `${DESK_FAULT} holds a password`).not.toContain(secret);
    expect(desk.log, `${DESK_FAULT} holds a token`).not.toMatch(/latchkey_[0-9A-Za-z]{36}/);
    expect(
      desk.log.split('\n').filter((line) => /panick|ERROR/.test(line)),
      `${DESK_FAULT} tells of a fault of its own`,
    ).toEqual([]);
  },

  baseURL: async ({ desk }, use) => use(desk.url),

  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints, 'the browser complained').toEqual([]);
  },

  context: async ({ context, complaints, javaScriptEnabled }, use) => {
    kind.scripted = javaScriptEnabled !== false;
    listen(context, complaints);
    await use(context);
  },

  as: async (
    { browser, desk, complaints, contextOptions, javaScriptEnabled, viewport, colorScheme },
    use,
  ) => {
    const opened: BrowserContext[] = [];
    kind.scripted = javaScriptEnabled !== false;
    await use(async (netid, path = '/') => {
      const context = await browser.newContext({
        ...contextOptions,
        javaScriptEnabled,
        viewport,
        colorScheme,
        baseURL: desk.url,
      });
      opened.push(context);
      listen(context, complaints);
      const page = await context.newPage();
      await comeIn(page, netid, desk.url, path);
      return page;
    });
    for (const context of opened) await context.close();
  },
});

/** Takes out what the browser reports by itself while the desk is away. */
export function forgiveLostConnections(complaints: string[]) {
  const others = complaints.filter(
    (line) =>
      !/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/.test(
        line,
      ),
  );
  complaints.splice(0, complaints.length, ...others);
}

/**
 * Scripts that fail, hydration that does not match, refused by the content security policy: all of
 * it lands on the console.
 */
function listen(context: BrowserContext, complaints: string[]) {
  context.on('console', (message) => {
    // Without script nothing fetches what script would have.
    const idle =
      !kind.scripted && message.text().includes('was preloaded using link preload but not used');
    if (['error', 'warning'].includes(message.type()) && !isPlainRefusal(message) && !idle) {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`));
}

/**
 * The browser writes a line for every answer of 4xx. Pages and server functions may answer so; what
 * a page is made of may not.
 */
function isPlainRefusal(message: ConsoleMessage): boolean {
  const path = new URL(message.location().url || 'about:blank').pathname;
  return (
    /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text()) &&
    !path.startsWith('/pkg/')
  );
}
