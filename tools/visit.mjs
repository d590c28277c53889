// Visits a desk as a browser without script would: as tia of the demo accounts, or as whoever
// NETID, PASSWORD and LOCAL_PASSWORD of the environment say.
// usage: node tools/visit.mjs page URL PATH    prints that page's HTML
//        node tools/visit.mjs token URL [DAY] [DESCRIPTION]
//                                              makes a token, which ends that day, and prints it
//        node tools/visit.mjs revoke URL       revokes the token that is first in the list
//        node tools/visit.mjs mute URL         wants no mail that can be done without
//        node tools/visit.mjs password URL [CURRENT NEW]
//                                              changes the local password
import { request as inTheClear } from 'node:http';
import { request as encrypted } from 'node:https';

const [what, base, path, description] = process.argv.slice(2);
const {
  NETID = 'tia',
  PASSWORD = `${NETID}-netid-password`,
  LOCAL_PASSWORD = `${NETID}-local-password`,
} = process.env;
const request = base.startsWith('https:') ? encrypted : inTheClear;
const cookies = new Map();
let page = { url: base, html: '' };

/**
 * One request. Node's `fetch` says that it is a script, to which nothing is shown that is shown
 * once.
 */
function ask(url, { method, headers, body }) {
  return new Promise((answered, failed) => {
    const outgoing = request(url, { method, headers }, (response) => {
      let html = '';
      response
        .setEncoding('utf8')
        .on('data', (text) => {
          html += text;
        })
        .on('error', failed);
      response.on('end', () =>
        answered({ status: response.statusCode, headers: response.headers, html }),
      );
    });
    outgoing.on('error', failed).end(body);
  });
}

async function go(url, { method = 'GET', body } = {}) {
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { accept: 'text/html', cookie, origin: base, referer: page.url, ...form };
    const response = await ask(url, { method, headers, body });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [name, ...value] = line.split(';')[0].split('=');
      cookies.set(name, value.join('='));
    }
    if (response.status < 300 || response.status > 399) {
      page = { url: String(url), html: response.html };
      if (response.status >= 400) throw new Error(`${url} answers ${response.status}`);
      return;
    }
    url = new URL(response.headers.location, url);
    [method, body] = ['GET', undefined];
  }
  throw new Error(`${url}: too many redirects`);
}

const plain = (text) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x2F;', '/')
    .replaceAll('&amp;', '&');
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s/>])`));
  return found ? plain(found[1] ?? '') : null;
};

/**
 * Fills the form that holds the button of this label, by the labels of its fields, and sends it;
 * `named`: by their names, `without`: as if nothing of this type were chosen.
 */
async function press(label, fields = {}, { named = {}, without } = {}) {
  const html = page.html.replace(/<!--.*?-->|<!>/gs, '');
  for (const [, head, body] of html.matchAll(/(<form[^>]*>)(.*?)<\/form>/gs)) {
    const button = [...body.matchAll(/(<button[^>]*>)(.*?)<\/button>/gs)].find(
      (b) => b[2].replace(/<[^>]*>/g, '').trim() === label,
    );
    if (!button) continue;
    const data = new URLSearchParams();
    for (const [tag] of body.matchAll(/<(?:input|textarea)[^>]*>/g)) {
      const [name, type] = [attribute(tag, 'name'), attribute(tag, 'type')];
      if (type === without) continue;
      const chosen = !['radio', 'checkbox'].includes(type) || attribute(tag, 'checked') !== null;
      if (name && chosen) data.append(name, attribute(tag, 'value') ?? '');
    }
    for (const [, tag, options] of body.matchAll(/(<select[^>]*>)(.*?)<\/select>/gs)) {
      const all = [...options.matchAll(/<option[^>]*>/g)].map((option) => option[0]);
      const option = all.find((o) => attribute(o, 'selected') !== null) ?? all[0];
      data.append(attribute(tag, 'name'), attribute(option, 'value'));
    }
    if (attribute(button[1], 'name'))
      data.append(attribute(button[1], 'name'), attribute(button[1], 'value') ?? '');
    for (const [words, value] of Object.entries(fields)) {
      const id = [...body.matchAll(/(<label[^>]*>)(.*?)<\/label>/gs)].find(
        (l) => l[2].replace(/<[^>]*>/g, '').trim() === words,
      )?.[1];
      const tag =
        id &&
        [...body.matchAll(/<(?:input|textarea)[^>]*>/g)]
          .map((t) => t[0])
          .find((t) => attribute(t, 'id') === attribute(id, 'for'));
      if (!tag) throw new Error(`the form of "${label}" has no field "${words}"`);
      data.set(attribute(tag, 'name'), value);
    }
    for (const [name, value] of Object.entries(named)) data.set(name, value);
    const action = new URL(attribute(head, 'action') ?? page.url, page.url);
    if (attribute(head, 'method') === 'post')
      return go(action, { method: 'POST', body: String(data) });
    action.search = String(data);
    return go(action);
  }
  throw new Error(`${page.url} has no form with a button "${label}"`);
}

await go(`${base}/login`);
await press('Log in', { NetID: NETID, Password: PASSWORD });
if (what === 'page') {
  await go(base + path);
  process.stdout.write(page.html);
} else if (what === 'revoke') {
  await go(`${base}/settings/auth-tokens`);
  await press('Revoke');
  await press('Revoke token', { 'Your local password': LOCAL_PASSWORD });
} else if (what === 'mute') {
  await go(`${base}/settings/notices`);
  await press('Save', {}, { without: 'checkbox' });
} else if (what === 'password') {
  await go(`${base}/settings/about-me`);
  const own = description ?? 'plain copper teapot tia';
  await press('Save Changes', {
    'Current password': path ?? LOCAL_PASSWORD,
    'New password': own,
    'Retype new password': own,
  });
} else {
  await go(`${base}/settings/auth-tokens`);
  await press('Create token');
  await press(
    'Create',
    { Description: description ?? 'Measurement', 'Your local password': LOCAL_PASSWORD },
    { named: path ? { expires: 'custom', date: path } : {} },
  );
  const token = page.html.match(/latchkey_[0-9A-Za-z]{36}/);
  if (!token) throw new Error('no token was shown');
  console.log(token[0]);
}
