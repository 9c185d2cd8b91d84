/** The installed versions of the libraries a strategy uses, for counterexample files. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { VERSION } from './version.ts'

const require = createRequire(import.meta.url)

/** `syncstorm` and each library by name; a library whose manifest is nowhere to be found is `unknown`. */
export function versionsWith(libraries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries([['syncstorm', VERSION], ...libraries.map((name) => [name, versionOf(name)])])
}

/** Reads the manifest as a file: a package need not export it. */
function versionOf(library: string): string {
  const manifest = (require.resolve.paths(library) ?? []).map((folder) => join(folder, library, 'package.json')).find((file) => existsSync(file))
  if (manifest === undefined) return 'unknown'
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
  return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : 'unknown'
}
