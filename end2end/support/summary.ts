import { stripVTControlCharacters } from 'node:util';
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Ends the output with one line of counts, which `tools/test` adds to those of the other suites. */
export default class Summary implements Reporter {
  private counts = { passed: 0, failed: 0, skipped: 0 };
  private reasons: string[] = [];

  onTestEnd(test: TestCase, result: TestResult) {
    if (result.status === 'skipped') this.counts.skipped += 1;
    else if (result.status === 'passed') this.counts.passed += 1;
    else {
      this.counts.failed += 1;
      const message = stripVTControlCharacters(result.error?.message ?? result.status);
      this.reasons.push(`${test.titlePath().filter(Boolean).join(' › ')}\n${message.slice(0, 600)}`);
    }
  }

  onEnd(result: FullResult) {
    const { passed, failed, skipped } = this.counts;
    // Once more, in short: often the end of the output is all that is kept of it.
    for (const reason of this.reasons) console.log(`failed: ${reason}`);
    const seconds = (result.duration / 1000).toFixed(1);
    console.log(`end2end: ${passed} passed; ${failed} failed; ${skipped} skipped; in ${seconds} s`);
  }
}
