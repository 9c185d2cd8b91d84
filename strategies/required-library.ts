/** Loads a library that only one strategy needs, or says plainly what to install. */
import type { LibraryResolver } from '../sim/contract.ts'

/**
 * Imports `specifier` through the injected resolver.
 *
 * @throws Error naming the strategy, the package and the command that installs it, with the cause.
 */
export async function requiredLibrary(
  libraries: LibraryResolver, strategy: string, specifier: string, install: string,
): Promise<unknown> {
  try {
    return await libraries(specifier)
  } catch (cause) {
    throw new Error(`strategy ${strategy} needs the library '${specifier}', which is not installed: npm install ${install}`, { cause })
  }
}
