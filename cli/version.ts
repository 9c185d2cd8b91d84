/** The version of this package, from the package.json beside `dist/` (or beside the sources). */
import { readFileSync } from 'node:fs'
import { packageFile } from './package-folder.ts'

export const VERSION: string = readVersion()

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined
  if (typeof version !== 'string') throw new Error('package.json has no version')
  return version
}
