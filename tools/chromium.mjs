// How Chromium is started here: for the browser tests, and for what measures pages in it.
export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
