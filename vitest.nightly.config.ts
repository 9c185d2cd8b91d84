import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** What is too large for every change: longer searches, more seeds. */
export default mergeConfig(base, defineConfig({
  test: { include: ['{sim,strategies,properties,cli,reports}/**/*.nightly.test.ts'], exclude: ['**/node_modules/**'], testTimeout: 30 * 60_000 },
}))
