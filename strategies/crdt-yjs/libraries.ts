/** The libraries of crdt-yjs, loaded through the injected resolver. */
import type * as Decoding from 'lib0/decoding'
import type * as Encoding from 'lib0/encoding'
import type * as Sync from 'y-protocols/sync'
import type * as Yjs from 'yjs'
import type { LibraryResolver } from '../../sim/contract.ts'
import { requiredLibrary } from '../required-library.ts'

export interface YjsLibraries {
  readonly Y: typeof Yjs
  readonly sync: typeof Sync
  readonly encoding: typeof Encoding
  readonly decoding: typeof Decoding
}

const INSTALL = 'yjs@13.6.33 y-protocols@1.0.7'

export async function loadYjs(libraries: LibraryResolver): Promise<YjsLibraries> {
  const required = (specifier: string): Promise<unknown> => requiredLibrary(libraries, 'crdt-yjs', specifier, INSTALL)
  return {
    Y: await required('yjs') as typeof Yjs,
    sync: await required('y-protocols/sync') as typeof Sync,
    encoding: await required('lib0/encoding') as typeof Encoding,
    decoding: await required('lib0/decoding') as typeof Decoding,
  }
}
