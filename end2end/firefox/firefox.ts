// Starts Firefox for a test, and does in it what a person does.

import { test as base, expect } from '@playwright/test';
import puppeteer, {
  type Browser,
  type BrowserContext,
  type ElementHandle,
  type Page,
} from 'puppeteer-core';
import { Desk } from '../support/desk';
import { PEOPLE, type Netid } from '../support/people';

export { expect };

export interface Options {
  /** Whether pages may run script: a setting of the whole browser. */
  scripted: boolean;
}

/** What a person's Firefox has and one that is driven usually has not, put back. */
const AS_PEOPLE_HAVE_IT = {
  // Whole pages are kept for the way back.
  'browser.sessionhistory.max_total_viewers': -1,
  'fission.bfcacheInParent': true,
  // A page may ask before it is left.
  'dom.disable_beforeunload': false,
  'dom.require_user_interaction_for_beforeunload': true,
};

export async function launch(
  scripted: boolean,
  more: Record<string, unknown> = {},
): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      ...AS_PEOPLE_HAVE_IT,
      'intl.accept_languages': 'en-GB',
      'ui.prefersReducedMotion': 1,
      'javascript.enabled': scripted,
      ...more,
    },
  });
}

interface Fixtures {
  /** A desk that only this test uses. */
  desk: Desk;
  /** Opens a window of its own for somebody, logged in: no cookie is another window's. */
  as: (netid: Netid) => Promise<Tab>;
}

export const test = base.extend<Fixtures, Options & { firefox: Browser }>({
  scripted: [true, { option: true, scope: 'worker' }],

  firefox: [
    async ({ scripted }, use) => {
      const firefox = await launch(scripted);
      await use(firefox);
      await firefox.close();
    },
    { scope: 'worker' },
  ],

  desk: async ({}, use) => {
    const desk = await Desk.open();
    await use(desk);
    await desk.close();
    expect(
      desk.log.split('\n').filter((line) => /panick|ERROR/.test(line)),
      'the desk tells of a fault of its own',
    ).toEqual([]);
  },

  as: async ({ firefox, desk, scripted }, use) => {
    const windows: BrowserContext[] = [];
    const complaints: string[] = [];
    await use(async (netid) => {
      const window = await firefox.createBrowserContext();
      windows.push(window);
      const tab = new Tab(await window.newPage(), desk.url, scripted, complaints);
      await tab.logIn(netid);
      return tab;
    });
    for (const window of windows) await window.close();
    expect(complaints, 'Firefox complained').toEqual([]);
  },
});

/** A tab, and what a person does in it by the words they see. */
export class Tab {
  constructor(
    readonly page: Page,
    private readonly base: string,
    readonly scripted: boolean,
    private readonly complaints: string[],
  ) {
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type()))
        complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error}`));
  }

  /** Another tab of the same window, with its cookies. */
  async another(): Promise<Tab> {
    return new Tab(
      await this.page.browserContext().newPage(),
      this.base,
      this.scripted,
      this.complaints,
    );
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path);
    await this.ready();
  }

  /** Waits until the page answers to script, where there is any. */
  async ready(): Promise<void> {
    if (this.scripted) await this.page.waitForSelector('html[data-hydrated]');
  }

  /**
   * By the history. The driver waits for the page to load, and fails where it was kept whole and
   * loads nothing: none of ours may be.
   */
  async go(steps: -1 | 1): Promise<void> {
    if (steps === -1) await this.page.goBack();
    else await this.page.goForward();
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async logIn(netid: Netid): Promise<void> {
    await this.open('/login');
    await this.fill('NetID', netid);
    await this.fill('Password', PEOPLE[netid].password);
    await this.press('Log in');
    await this.sees(`Logged in as ${netid}`);
    await this.ready();
  }

  async logOut(netid: Netid): Promise<void> {
    await this.press(`Logged in as ${netid}`);
    await this.press('Log out');
    await this.found('Log in', 'button');
  }

  async fill(label: string, text: string): Promise<void> {
    const field = await this.field(label);
    await field.type(text);
    expect(await field.evaluate((element) => (element as HTMLInputElement).value), label).toBe(
      text,
    );
  }

  async press(words: string): Promise<void> {
    const button = await this.found(words, 'button, a, summary');
    // The driver's own way to click waits for script of the page, of which there may be none.
    const [x, y] = await button.evaluate((element) => {
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    });
    await this.page.mouse.click(x, y);
  }

  async value(label: string): Promise<string> {
    return (await this.field(label)).evaluate((element) => (element as HTMLInputElement).value);
  }

  /** The field that a label is for. */
  private async field(label: string): Promise<ElementHandle> {
    const control = await (
      await this.found(label, 'label')
    ).evaluateHandle((element) => (element as HTMLLabelElement).control!);
    return control.asElement() as ElementHandle;
  }

  /** Waits for what people see with these words, and nothing more. */
  private async found(words: string, kinds: string): Promise<ElementHandle> {
    let element: ElementHandle | null = null;
    await expect
      .poll(
        async () => (element = await this.seen(words, kinds)) !== null,
        `“${words}” on ${this.page.url()}`,
      )
      .toBe(true);
    return element!;
  }

  private async seen(words: string, kinds: string): Promise<ElementHandle | null> {
    try {
      const found = await this.page.evaluateHandle(
        (words, kinds) => {
          const says = (element: Element) =>
            (element.textContent ?? '').replace(/\s+/g, ' ').trim();
          const all = [...document.querySelectorAll<HTMLElement>(kinds)].filter((element) =>
            element.checkVisibility(),
          );
          // What is above the rest of the page comes first.
          return (
            all
              .filter((element) => says(element) === words)
              .sort((a, b) => Number(!!b.closest('dialog')) - Number(!!a.closest('dialog')))[0] ??
            null
          );
        },
        words,
        kinds,
      );
      return found.asElement() as ElementHandle | null;
    } catch {
      return null; // the page is just being left: look again
    }
  }

  /** What people can read on the page, and what stands in its fields. */
  async text(): Promise<string> {
    try {
      return await this.page.evaluate(() => {
        const fields = [
          ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'),
        ].map((field) => field.value);
        return [document.body.innerText, ...fields].join('\n');
      });
    } catch {
      return ''; // the page is just being left: look again
    }
  }

  async sees(words: string): Promise<void> {
    await expect.poll(() => this.text(), `${this.page.url()} shows “${words}”`).toContain(words);
  }

  /** All of the page as it stands, hidden parts included. */
  async content(): Promise<string> {
    return this.page.evaluate(() => {
      const fields = [
        ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'),
      ].map((field) => field.value);
      return [document.documentElement.outerHTML, ...fields].join('\n');
    });
  }

  /** Fills the form of Auth Tokens and stops before Create. */
  async fillToken(description: string, password?: string): Promise<void> {
    await this.press('Create token');
    await this.fill('Description', description);
    if (password) await this.fill('Your local password', password);
  }

  /** Presses Create and gives the token that is shown. */
  async create(): Promise<string> {
    await this.press('Create');
    const token = await this.value('New auth token');
    expect(token).toMatch(/^latchkey_[0-9A-Za-z]{36}$/);
    return token;
  }

  /**
   * The fields of the form with this button that anybody could type in, as a password manager reads
   * them: type, autocomplete, value, and whether it is seen.
   */
  async passwords(button: string): Promise<[string, string, string, 'seen' | 'unseen'][]> {
    return (await this.found(button, 'button')).evaluate((element) => {
      const fields = [...(element as HTMLButtonElement).form!.querySelectorAll('input')].filter(
        ({ type }) => ['text', 'password'].includes(type),
      );
      return fields.map(
        (field) =>
          [
            field.type,
            field.getAttribute('autocomplete') ?? '',
            field.value,
            field.checkVisibility() ? 'seen' : 'unseen',
          ] as [string, string, string, 'seen' | 'unseen'],
      );
    });
  }
}
