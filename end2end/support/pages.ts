// Every page, for tests that go through all of them.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The pages, as the table of routes has them: the server's own tests write it and compare it with
 * the program, so a new page is in every test that goes through all of them.
 */
const TABLE = resolve(__dirname, '../../docs/reference/routes.md');

const [table] = readFileSync(TABLE, 'utf8')
  .split(/^## /m)
  .filter((section) => section.startsWith('page\n'));
// A page has a row for each thing that is asked of it.
const paths = [...new Set([...table.matchAll(/^\| GET, HEAD `([^`]+)`/gm)].map((row) => row[1]))];

/** What everybody who is logged in has: Settings and Help. */
export const OWN_PAGES = paths.filter(
  (path) => path.startsWith('/settings/') || path === '/help',
);

/** What those have who work at the desk; the page of a user is tia's. */
export const ADMIN_PAGES = paths
  .filter((path) => path.startsWith('/admin/'))
  .map((path) => path.replace('{netid}', 'tia'));

if (OWN_PAGES.length < 5 || ADMIN_PAGES.length < 3)
  throw new Error(`${TABLE}: there is no table of pages in it any more`);
