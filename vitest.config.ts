import { defineConfig } from 'vitest/config';

/** Where a machine that counts the tests wants vitest's JSON report. */
const { TEST_REPORT } = process.env;

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules', 'dist', 'store'],
    // Generous: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: TEST_REPORT === undefined ? ['default'] : ['default', 'json'],
    ...(TEST_REPORT === undefined ? {} : { outputFile: { json: TEST_REPORT } }),
  },
});
