/**
 * A stale build is never run: in a checkout, a source newer than the build makes the build again first.
 *
 * Only modification times are compared, so that a fresh build costs a few milliseconds. An installed
 * package has no tsconfig.json and is left alone. This module is imported before anything that the
 * rebuild may replace, and imports nothing of the build but the package's folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'

/** The folders that `tsconfig.json` includes. */
const SOURCE_FOLDERS = ['sim', 'strategies', 'properties', 'cli', 'reports', 'bench']

export type Freshness = 'installed' | 'fresh' | 'stale'

/** Whether the build in `folder/dist` is as new as the sources beside it. */
export function freshnessOf(folder: string): Freshness {
  if (!existsSync(join(folder, 'tsconfig.json')) || !existsSync(join(folder, 'sim'))) return 'installed'
  const builtMs = modifiedMs(join(folder, 'dist', '.tsbuildinfo'))
  if (builtMs === undefined || (modifiedMs(join(folder, 'tsconfig.json')) ?? 0) > builtMs) return 'stale'
  return SOURCE_FOLDERS.some((name) => hasNewerSource(join(folder, name), builtMs)) ? 'stale' : 'fresh'
}

/** Rebuilds a stale checkout; throws if the sources do not compile. Returns whether there was anything to do. */
export function ensureFreshBuild(folder: string, say: (message: string) => void): boolean {
  if (freshnessOf(folder) !== 'stale') return false
  say('syncstorm: the sources are newer than the build; building\n')
  const startedSeconds = Date.now() / 1000
  runNode(folder, createRequire(join(folder, 'package.json')).resolve('typescript/bin/tsc'), '-b')
  const publish = join(folder, 'dist', 'cli', 'publish-schemas.js')
  if (existsSync(publish)) runNode(folder, publish)
  // The compiler leaves its record alone when a newer source had the same text.
  utimesSync(join(folder, 'dist', '.tsbuildinfo'), startedSeconds, startedSeconds)
  return true
}

function runNode(folder: string, ...script: readonly string[]): void {
  // Data belongs on stdout; whatever the build prints is a message.
  const { status } = spawnSync(process.execPath, script, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the sources do not build; run npm run build to see why')
}

function hasNewerSource(folder: string, builtMs: number): boolean {
  if (!existsSync(folder)) return false
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return hasNewerSource(path, builtMs)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && (modifiedMs(path) ?? 0) > builtMs
  })
}

function modifiedMs(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}
