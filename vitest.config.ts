import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{sim,strategies,properties,cli,reports,bench,docs}/**/*.test.ts', '*.test.ts'],
    exclude: ['**/*.nightly.test.ts', '**/node_modules/**'],
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
