import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

/** How a test's complaint about the desk's own log begins (`test.ts`). */
export const DESK_FAULT = 'the log of the desk';

/**
 * Ends the output with one line of counts, which `tools/test` adds to those of the other suites.
 */
export default class Summary implements Reporter {
  private tests: TestCase[] = [];

  onBegin(_: FullConfig, suite: Suite) {
    this.tests = suite.allTests();
  }

  onEnd(result: FullResult) {
    const of = (outcome: ReturnType<TestCase['outcome']>) =>
      this.tests.filter((test) => test.results.length > 0 && test.outcome() === outcome);
    const [passed, skipped] = [of('expected'), of('skipped')];
    // A desk that had a fault of its own had it, whatever it did the second time.
    const [faulty, flaky] = [
      of('flaky').filter(isDeskFault),
      of('flaky').filter((test) => !isDeskFault(test)),
    ];
    const failed = [...of('unexpected'), ...faulty];
    // Once more, in short: often the end of the output is all that is kept of it.
    for (const test of flaky) console.log(`passed at the second try only: ${why(test)}`);
    for (const test of failed) console.log(`failed: ${why(test)}`);
    const seconds = (result.duration / 1000).toFixed(1);
    console.log(
      `end2end: ${passed.length + flaky.length} passed; ${failed.length} failed; ` +
        `${skipped.length} skipped; in ${seconds} s`,
    );
    return faulty.length > 0 ? { status: 'failed' as const } : undefined;
  }
}

function isDeskFault(test: TestCase): boolean {
  return test.results[0].errors.some((error) => error.message?.includes(DESK_FAULT));
}

/** A test's name and what was wrong the first time. */
function why(test: TestCase): string {
  const message = stripVTControlCharacters(
    test.results[0].error?.message ?? test.results[0].status,
  );
  return `${test.titlePath().filter(Boolean).join(' › ')}\n${message.slice(0, 600)}`;
}
