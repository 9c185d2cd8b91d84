import { describe, expect, it } from 'vitest'
import { type Field, HeaderTable } from './hpack.ts'

const everything = (): boolean => true
const request = (...fields: readonly Field[]): readonly Field[] => [[':method', 'GET'], [':scheme', 'http'], ...fields, [':authority', 'www.example.com']]

describe('HeaderTable (RFC 7541)', () => {
  it('A06: gives the sizes of the RFC\'s own requests (appendix C.4): what is repeated costs a byte', () => {
    const table = new HeaderTable(4_096, everything)
    expect(table.blockBytes(request([':path', '/']))).toBe(17)
    expect(table.blockBytes([...request([':path', '/']), ['cache-control', 'no-cache']])).toBe(12)
    expect(table.blockBytes([
      [':method', 'GET'], [':scheme', 'https'], [':path', '/index.html'], [':authority', 'www.example.com'], ['custom-key', 'custom-value'],
    ])).toBe(24)
  })

  it('gives the sizes of the RFC\'s own responses, with entries that are evicted (appendix C.6)', () => {
    const table = new HeaderTable(256, everything)
    const date: Field = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT']
    const location: Field = ['location', 'https://www.example.com']
    const sizes = [
      [[':status', '302'], ['cache-control', 'private'], date, location],
      [[':status', '307'], ['cache-control', 'private'], date, location],
      [[':status', '200'], ['cache-control', 'private'], ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'], location, ['content-encoding', 'gzip'],
        ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1']],
    ].map((fields) => table.blockBytes(fields as readonly Field[]))
    expect(sizes).toEqual([54, 8, 79])
  })

  it('does not remember paths and methods, as Chromium\'s encoder', () => {
    const table = new HeaderTable()
    const fields: readonly Field[] = [[':method', 'PUT'], [':path', '/documents/order']]
    const first = table.blockBytes(fields)
    expect(table.blockBytes(fields)).toBe(first)
  })

  it('a table of 4,096 bytes forgets what has not been sent for long', () => {
    const table = new HeaderTable()
    const cookie = (index: number): Field => ['cookie', `${index}`.padStart(400, 'x')]
    const first = table.blockBytes([cookie(0)])
    expect(table.blockBytes([cookie(0)])).toBe(1)
    for (let index = 1; index < 10; index++) table.blockBytes([cookie(index)])
    expect(table.blockBytes([cookie(0)])).toBe(first)
  })
})
