import { expect, test } from 'vitest'
import { versionsWith } from './library-versions.ts'

test('versions of syncstorm and of installed libraries, also those that export no manifest', () => {
  expect(versionsWith(['yjs', 'lib0', 'not-installed'])).toEqual({
    syncstorm: expect.stringMatching(/^\d+\.\d+\.\d+/), yjs: expect.stringMatching(/^13\./), lib0: expect.stringMatching(/^\d/), 'not-installed': 'unknown',
  })
})
