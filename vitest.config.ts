import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{sim,strategies,properties,cli,reports,bench,docs}/**/*.test.ts', '*.test.ts'],
    exclude: ['**/*.nightly.test.ts', '**/node_modules/**'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: process.env.CI === undefined ? ['default'] : ['default', ['json', { outputFile: 'coverage/test-results.json' }]],
  },
})
