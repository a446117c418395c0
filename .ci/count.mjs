// Prints "N passed, N failed" from vitest's JSON report, and fails unless all is well.
import { readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
const { passed, failed } = count(readFileSync(path, 'utf8'));
// Types, lint, a build or an error outside of any test can fail too, and must not go unseen.
const failures = failed === 0 && status !== '0' ? 1 : failed;
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 && passed > 0 ? 0 : 1;

function count(text) {
  // Empty when the tests never began.
  if (text === '') return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(text);
  // A file that could not be loaded holds no failed test, yet has failed.
  const unloaded = testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}
