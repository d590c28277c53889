// Dialogs fit the smallest screens.

import type { Locator, Page } from '@playwright/test';
import { PEOPLE } from '../support/people';
import { createToken, fillToken, open, tokenForm } from '../support/steps';
import { expect, test } from '../support/test';

const SIZES = [
  [375, 667],
  [360, 640],
  [320, 568],
  [667, 375],
] as const;

/** What of a dialog is not to be seen, or not to be reached, at this size. */
async function faults(dialog: Locator): Promise<string[]> {
  return dialog.evaluate((element: HTMLDialogElement) => {
    const faults: string[] = [];
    const name = (part: Element) =>
      part.textContent?.trim() || part.getAttribute('name') || part.id;
    const isOnScreen = ({ left, top, right, bottom }: DOMRect) =>
      left >= -0.5 && top >= -0.5 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
    const isOnTop = (part: Element) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      // Just inside its corners, and in the middle.
      return [
        [(left + right) / 2, (top + bottom) / 2],
        [left + 6, top + 6],
        [right - 6, bottom - 6],
      ].every(([x, y]) => part.contains(document.elementFromPoint(x, y)));
    };
    const buttons = [...element.querySelectorAll('.actions button')];
    if (!buttons.length) faults.push('it has no actions');
    const lookAtActions = (when: string) => {
      for (const button of buttons)
        if (!isOnScreen(button.getBoundingClientRect()) || !isOnTop(button))
          faults.push(`${when}: “${name(button)}” is not in sight`);
    };
    if (!isOnScreen(element.getBoundingClientRect())) faults.push('it is larger than the screen');
    if (element.scrollWidth > element.clientWidth) faults.push('it is cut off at its side');
    for (const top of [0, element.scrollHeight / 2, element.scrollHeight]) {
      element.scrollTop = top;
      lookAtActions(`scrolled by ${Math.round(element.scrollTop)}`);
    }
    // They are the foot: nothing goes by below them, and at the end nothing is behind them.
    const foot = element.querySelector('.actions')!.getBoundingClientRect();
    if (element.getBoundingClientRect().bottom - foot.bottom > 2) faults.push('a gap below them');
    const last = element.querySelector('.actions')!.previousElementSibling!;
    if (last.getBoundingClientRect().bottom > foot.top + 0.5) faults.push('the end is behind them');
    // Whatever has the focus is in sight above the actions.
    const fields = element.querySelectorAll<HTMLElement>(
      'input:not([type=hidden], [hidden]), select, textarea, button, summary',
    );
    for (const field of fields) {
      if (!field.checkVisibility()) continue;
      element.scrollTop = 0;
      field.focus();
      field.scrollIntoView({ block: 'nearest' });
      const box = field.getBoundingClientRect();
      if (box.height < innerHeight / 3 && (!isOnScreen(box) || !isOnTop(field)))
        faults.push(`“${name(field)}” is covered where it has the focus`);
      // And so is what is wrong with it.
      const wrong = field.ariaInvalid === 'true' && field.parentElement!.querySelector('.error');
      if (wrong && (!isOnScreen(wrong.getBoundingClientRect()) || !isOnTop(wrong)))
        faults.push(`what is wrong with “${name(field)}” is covered`);
    }
    // Nothing ends beside the edge of what it is in.
    const inside = element.getBoundingClientRect();
    const parts = 'h2, p, label, input, select, textarea, pre, button';
    for (const part of element.querySelectorAll<HTMLElement>(parts))
      if (part.checkVisibility() && part.getBoundingClientRect().right > inside.right)
        faults.push(`“${name(part)}” is cut off`);
    return faults;
  });
}

/** Whether the last line of a text is in sight, and nothing before it. */
function isInSight(text: Element): boolean {
  const { left, right, bottom } = text.getBoundingClientRect();
  return text.contains(document.elementFromPoint((left + right) / 2, bottom - 4));
}

/** Looks at the dialog that is open at each size, and leaves the screen as it was. */
async function fits(page: Page, what: string): Promise<void> {
  const dialog = page.locator('dialog[open]');
  await expect(dialog, what).toHaveCount(1);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    expect(await faults(dialog), `${what} at ${width} × ${height}`).toEqual([]);
  }
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'Dialogs' : 'Dialogs without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('fit the smallest screens, and what they ask for is always in sight', async ({ as }) => {
      test.slow();
      const page = await as('tia');
      const tokens = '/settings/auth-tokens';
      await open(page, `${tokens}?create`);
      await fits(page, 'New token');
      const create = tokenForm(page).getByRole('button', { name: 'Create', exact: true });
      await create.click();
      await expect(page.getByText('Description cannot be blank.')).toBeVisible();
      await fits(page, 'New token, refused');
      // What is wrong with the last field is in sight at once, above the actions.
      await page.setViewportSize({ width: 360, height: 640 });
      await fillToken(page, { description: 'Backup script', networks: 'the whole campus' });
      await create.click();
      const wrong = page.getByText('is not a network.');
      await expect(wrong).toHaveCount(1);
      await expect.poll(() => wrong.evaluate(isInSight)).toBe(true);
      await fits(page, 'New token, refused for its last field');
      await open(page, tokens);
      const description = 'The script that copies every evening what was written in the wiki';
      await createToken(page, { description, password: PEOPLE.tia.local });
      await fits(page, 'Your new auth token');
      if (javaScriptEnabled) {
        await page.getByRole('button', { name: 'Try it' }).click();
        await expect(page.getByRole('dialog').getByText('It works')).toBeVisible();
        await fits(page, 'Your new auth token, tried');
      }
      await page.getByRole('button', { name: 'Done' }).click();
      await expect(page.locator('dialog[open]')).toHaveCount(0);
      // As it is asked for once the session is not confirmed any more.
      const again = await as('tia');
      await open(again, tokens);
      const id = await idOfFirst(again);
      for (const [query, what] of [
        [`renew=${id}`, 'Renew'],
        [`revoke=${id}`, 'Revoke one'],
        ['revoke-unused', 'Revoke unused'],
        ['revoke-all', 'Revoke all'],
      ]) {
        await open(again, `${tokens}?${query}`);
        await expect(again.getByLabel('Your local password'), what).toBeVisible();
        await fits(again, what);
      }
    });
  });
}

/** The id of the newest token, as forms name it. */
async function idOfFirst(page: Page): Promise<string> {
  const edit = page.locator('button[name=edit]').first();
  return (await edit.getAttribute('value'))!;
}
