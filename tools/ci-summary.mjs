// Adds up vitest's JSON reports and the failed steps, prints the closing line, and exits 1 when
// anything failed or no test ran.
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files.filter((each) => existsSync(each))) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}
// A step can fail without a failed test: lint, a suite that does not load, a notebook.
const total = failed === 0 ? Number(failedSteps) : failed;
console.log(`${passed} passed, ${total} failed, ${skipped} skipped`);
process.exit(total > 0 || passed === 0 ? 1 : 0);
