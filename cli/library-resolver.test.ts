import { expect, test } from 'vitest'
import { BadInput } from '../sim/bad-input.ts'
import { makeLibraryResolver } from './library-resolver.ts'

test('a library that is installed is loaded', async () => {
  expect(await makeLibraryResolver('any')('zod')).toHaveProperty('object')
})

test('a missing library is said with the strategy and the command that installs it', async () => {
  const missing = makeLibraryResolver('crdt-x', () => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' })))
  await expect(missing('crdt-library')).rejects.toThrow(BadInput)
  await expect(missing('crdt-library')).rejects.toThrow(/strategy crdt-x.*npm install crdt-library/)
})

test('a library that fails while it loads keeps its own error', async () => {
  const broken = makeLibraryResolver('crdt-x', () => Promise.reject(new Error('wasm refused')))
  await expect(broken('crdt-library')).rejects.toThrow('wasm refused')
})
