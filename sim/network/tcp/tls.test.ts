import { describe, expect, it } from 'vitest'
import { openConnection } from './testing/test-connection.ts'
import { tlsBytes } from './tls.ts'

describe('tlsBytes', () => {
  it('R7, RFC 8446: 22 bytes for every record of up to 16,384', () => {
    expect([1, 16_384, 16_385, 40_000].map(tlsBytes)).toEqual([23, 16_406, 16_429, 40_066])
  })

  it('R7: a message takes that much of the stream, and its receiver hears its own size', () => {
    const test = openConnection({ options: { tls: true } })
    test.client.send(1, 1_000)
    expect(test.client.bufferedBytes).toBe(1_022)
    test.kernel.run()
    expect(test.atServer.messages).toHaveLength(1)
  })
})
