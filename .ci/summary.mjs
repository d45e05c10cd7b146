// Prints "N passed, N failed, N skipped" from the report the test runner wrote; fails where there is none or nothing ran.
import { readFileSync } from 'node:fs';

let report;
try {
  report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
} catch (error) {
  console.error(`No tests ran: the test runner left no report (${error.message}).`);
  process.exit(1);
}
// A file that could not even be loaded has no tests to count, but it is a failure.
const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed = report.numFailedTests + broken;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && report.numPassedTests > 0 ? 0 : 1);
