/** The digest's hash, injected into the world so that the world needs no Node API: SHA-256. */
import { createHash } from 'node:crypto'
import type { Hasher } from '../sim/index.ts'

export function createHasher(): Hasher {
  const hash = createHash('sha256')
  return {
    update(bytes) {
      hash.update(bytes)
    },
    digestHex: () => hash.digest('hex'),
  }
}
