/** Where this package lies: the folder with its package.json, whether this module runs from `dist/` or from source. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))

/** `dist/cli` and `cli` are two and one levels below the package's folder. */
const FOLDER = [join(HERE, '..'), join(HERE, '..', '..')].find((folder) => existsSync(join(folder, 'package.json')))

/** Absolute path of a file of the package, given relative to its folder. */
export function packageFile(...path: readonly string[]): string {
  if (FOLDER === undefined) throw new Error(`no package.json above ${HERE}`)
  return join(FOLDER, ...path)
}
