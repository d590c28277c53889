import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

/** Ends the output with one line of counts, which `tools/test` adds to those of the other suites. */
export default class Summary implements Reporter {
  private tests: TestCase[] = [];

  onBegin(_: FullConfig, suite: Suite) {
    this.tests = suite.allTests();
  }

  onEnd(result: FullResult) {
    const of = (outcome: ReturnType<TestCase['outcome']>) => this.tests.filter((test) => test.results.length > 0 && test.outcome() === outcome);
    const [passed, failed, flaky, skipped] = [of('expected'), of('unexpected'), of('flaky'), of('skipped')];
    // Once more, in short: often the end of the output is all that is kept of it.
    for (const test of flaky) console.log(`passed at the second try only: ${why(test)}`);
    for (const test of failed) console.log(`failed: ${why(test)}`);
    const seconds = (result.duration / 1000).toFixed(1);
    console.log(`end2end: ${passed.length + flaky.length} passed; ${failed.length} failed; ${skipped.length} skipped; in ${seconds} s`);
  }
}

/** A test's name and what was wrong the first time. */
function why(test: TestCase): string {
  const message = stripVTControlCharacters(test.results[0].error?.message ?? test.results[0].status);
  return `${test.titlePath().filter(Boolean).join(' › ')}\n${message.slice(0, 600)}`;
}
