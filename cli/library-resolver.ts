/**
 * Loads the libraries that single strategies need. They are optional: a user installs those of the
 * strategies in use, and a missing one is said with the command that installs it.
 */
import { BadInput } from '../sim/bad-input.ts'
import type { LibraryResolver } from '../sim/contract.ts'

/** `load` is `import`, handed in so that a test can leave a library out. */
export function makeLibraryResolver(
  strategy: string, load: (specifier: string) => Promise<unknown> = (specifier) => import(specifier),
): LibraryResolver {
  return async (packageName) => {
    try {
      return await load(packageName)
    } catch (problem) {
      const code = (problem as NodeJS.ErrnoException).code
      // A library that is there but fails to load is not the user's omission; show it as it is.
      if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw problem
      throw new BadInput({
        code: 'unreadable', where: `strategy ${strategy}`, path: '',
        expected: `the library ${packageName} to be installed (npm install ${packageName})`, got: 'no such package',
      }, { cause: problem })
    }
  }
}
