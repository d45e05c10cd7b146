import { defineConfig } from 'vitest/config';

const full = process.env['WINNOW_TEST_FULL'] === '1';

/** `*.full.test.ts` are the long suites: `npm run test:full` adds them. */
export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'offline/**/*.test.ts',
      'online/**/*.test.ts',
      'data/**/*.test.ts',
      'scripts/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    exclude: full ? [] : ['**/*.full.test.ts'],
    globalSetup: ['tests/temporaryFolder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
