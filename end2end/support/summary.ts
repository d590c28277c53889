// The last line of a run: how many tests passed and failed.

import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

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
    // `flaky` where somebody asks for retries: it is a failure all the same.
    const [passed, skipped] = [of('expected'), of('skipped')];
    const failed = [...of('unexpected'), ...of('flaky')];
    // Once more, in short: often the end of the output is all that is kept of it.
    for (const test of failed) console.log(`failed: ${why(test)}`);
    const seconds = (result.duration / 1000).toFixed(1);
    console.log(
      `end2end: ${passed.length} passed; ${failed.length} failed; ` +
        `${skipped.length} skipped; in ${seconds} s`,
    );
    return failed.length > 0 ? { status: 'failed' as const } : undefined;
  }
}

/** A test's name and what was wrong the first time. */
function why(test: TestCase): string {
  const message = stripVTControlCharacters(
    test.results[0].error?.message ?? test.results[0].status,
  );
  return `${test.titlePath().filter(Boolean).join(' › ')}\n${message.slice(0, 600)}`;
}
