import { defineConfig } from 'vitest/config'

/** What is too large for every change: longer searches, more seeds. */
export default defineConfig({
  test: {
    include: ['{sim,strategies,properties,cli,reports}/**/*.nightly.test.ts', 'properties/suite/recorded.test.ts'],
    env: { SYNCSTORM_NIGHTLY: '1' },
    testTimeout: 30 * 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
