/** The demo accounts (`latchkey serve --demo`). */
export const PEOPLE = {
  sam: { netid: 'sam', password: 'sam-netid-password', local: '' },
  tia: { netid: 'tia', password: 'tia-netid-password', local: 'tia-local-password' },
  rae: { netid: 'rae', password: 'rae-netid-password', local: 'rae-local-password' },
  helen: { netid: 'helen', password: 'helen-netid-password', local: 'helen-local-password' },
  ada: { netid: 'ada', password: 'ada-netid-password', local: 'ada-local-password' },
  guest: { netid: 'guest', password: 'guest-netid-password', local: '' },
  dave: { netid: 'dave', password: 'dave-netid-password', local: '' },
} as const;

export type Netid = keyof typeof PEOPLE;

/** A local password that nobody has, good enough for every rule. */
export const OWN_CHOICE = 'plum-Zeppelin-orbit-7-walrus';
