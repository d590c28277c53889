// What a process of a mixed run tells the one that has started it, a few times a second.
const EVERY = 250;
/** Wrong answers that are told one by one; the others are counted. */
const MAX_DETAILED = 200;

export class Report {
  #detailed = 0;
  #batch = Report.#empty();

  static #empty() {
    return {
      ...{ held: {}, notNow: {}, counts: {}, doubts: [], seen: [] },
      ...{ samples: {}, deeds: [], history: [], streams: [] },
    };
  }

  /** Nobody begins anything more. */
  isOver = false;
  #work = [];

  constructor() {
    setInterval(() => this.flush(), EVERY).unref();
    process.on('message', async ({ end }) => {
      if (!end) return;
      this.isOver = true;
      await Promise.all(this.#work);
      this.flush();
      process.disconnect();
    });
  }

  /** What is waited for at the end: what was asked for is then answered. */
  until(work) {
    this.#work.push(work);
  }

  flush() {
    if (process.connected) process.send(this.#batch);
    this.#batch = Report.#empty();
  }

  /**
   * An answer was as it must be, or said "not now"; or is told with its request: whether one that
   * was lost is right is judged by when the server was away.
   */
  held(check, answer, isRight, about) {
    if (isRight) {
      this.#batch.held[check] = (this.#batch.held[check] ?? 0) + 1;
      return;
    }
    const { status, lost, sent, answered } = answer;
    if (status === 503 || status === 429) {
      this.#batch.notNow[status] = (this.#batch.notNow[status] ?? 0) + 1;
      return;
    }
    const detail = lost || this.#detailed++ < MAX_DETAILED ? about : 'not told';
    this.#batch.doubts.push({ check, status, lost, sent, answered, about: detail });
  }

  /** What was seen of a token, to be judged once all is known of it. */
  seen(check, id, isIn, { sent, answered }, about) {
    this.#batch.seen.push({ check, id, isIn, sent, answered, about });
  }

  sample(kind, when, ms) {
    (this.#batch.samples[kind] ??= []).push([when, ms]);
  }

  /** One more answer of a kind, of which there are too many to tell of each. */
  count(kind) {
    this.#batch.counts[kind] = (this.#batch.counts[kind] ?? 0) + 1;
  }

  /** A change that was acknowledged, or may have been made. */
  deed(person, action, subject, acknowledged) {
    this.#batch.deeds.push({ actor: person.netid, action, subject, acknowledged });
  }

  /** Times of a token: {id, owner, stage: made or ended, requested or acknowledged}. */
  history(entry) {
    this.#batch.history.push(entry);
  }

  stream(entry) {
    this.#batch.streams.push(entry);
  }
}

/** The settings of this process; ends it when the one that has started it is gone. */
export function workerSettings() {
  process.on('disconnect', () => process.exit(0));
  return JSON.parse(process.argv[2]);
}
