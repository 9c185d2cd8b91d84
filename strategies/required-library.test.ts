import { expect, it } from 'vitest'
import { requiredLibrary } from './required-library.ts'

it('hands over what the resolver finds', async () => {
  await expect(requiredLibrary((name) => Promise.resolve({ name }), 'ot-text', 'some-lib', 'some-lib@1')).resolves.toEqual({ name: 'some-lib' })
})

it('a missing library is named with the strategy and the command that installs it', async () => {
  const failing = (): Promise<unknown> => Promise.reject(new Error('ERR_MODULE_NOT_FOUND'))
  await expect(requiredLibrary(failing, 'ot-text', 'some-lib', 'some-lib@1.2.3'))
    .rejects.toThrow("strategy ot-text needs the library 'some-lib', which is not installed: npm install some-lib@1.2.3")
})
