import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../sim/binary.ts'
import type { Session } from '../sim/contract.ts'
import { readFrame } from './read-frame.ts'

describe('readFrame', () => {
  const codes: number[] = []
  const session = { close: (code: number) => { codes.push(code) } } as unknown as Session
  const readText = (bytes: Uint8Array): string => new ByteReader(bytes).text()

  it('gives what the codec reads, and leaves the session open', () => {
    expect([readFrame(session, new ByteWriter().text('ä').finish(), readText), codes]).toEqual(['ä', []])
  })

  it('closes the session with 1002 on truncated bytes and on broken UTF-8', () => {
    expect([readFrame(session, Uint8Array.of(5, 65), readText), readFrame(session, Uint8Array.of(1, 0xff), readText)]).toEqual([null, null])
    expect(codes).toEqual([1002, 1002])
  })

  it('lets other errors through: they are ours', () => {
    expect(() => readFrame(session, new Uint8Array(0), () => { throw new Error('a bug') })).toThrow('a bug')
  })
})
