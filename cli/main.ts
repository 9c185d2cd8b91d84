#!/usr/bin/env node
/** The binary: sees to a fresh build, then runs the command line. Everything else is imported after that. */
import process from 'node:process'
import { ensureFreshBuild } from './freshness.ts'
import { packageFile } from './package-folder.ts'

try {
  ensureFreshBuild(packageFile(), (message) => process.stderr.write(message))
  const { runProcess } = await import('./process.ts')
  await runProcess()
} catch (problem) {
  process.stderr.write(`syncstorm: ${problem instanceof Error ? problem.message : String(problem)}\n`)
  process.exitCode = 70 // EX_SOFTWARE: a bug of syncstorm, or a checkout that does not compile.
}
