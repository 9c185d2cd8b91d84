import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './binary.ts'

describe('binary encoding', () => {
  it('R7: bytes are real: a number below 128 takes one byte, a text its UTF-8 and a length', () => {
    expect([...new ByteWriter().varint(300).text('é').varint(127).finish()]).toEqual([0xac, 0x02, 0x02, 0xc3, 0xa9, 127])
  })

  it('reads back whatever was written', () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary', maxLength: 80 }) }),
      fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 200 }) }),
    )
    fc.assert(fc.property(fc.array(part), (parts) => {
      const writer = new ByteWriter()
      for (const one of parts) {
        if (one.kind === 'varint') writer.varint(one.value)
        else if (one.kind === 'text') writer.text(one.value)
        else writer.bytes(one.value)
      }
      const reader = new ByteReader(writer.finish())
      for (const one of parts) expect(reader[one.kind]()).toEqual(one.value)
      reader.end()
    }))
  })

  it('keeps a byte order mark, which is text like any other', () => {
    expect(new ByteReader(new ByteWriter().text('\ufeffa').finish()).text()).toBe('\ufeffa')
  })

  it.each([
    ['an empty input', [], (reader: ByteReader) => reader.varint()],
    ['a varint without its last byte', [0x80], (reader: ByteReader) => reader.varint()],
    ['a varint beyond the safe integers', [255, 255, 255, 255, 255, 255, 255, 127], (reader: ByteReader) => reader.varint()],
    ['an endless varint', [128, 128, 128, 128, 128, 128, 128, 128, 128, 0], (reader: ByteReader) => reader.varint()],
    ['more bytes announced than there are', [3, 1, 2], (reader: ByteReader) => reader.bytes()],
    ['broken UTF-8', [1, 0xff], (reader: ByteReader) => reader.text()],
    ['bytes left over', [1, 2], (reader: ByteReader) => { reader.varint(); reader.end() }],
  ] as const)('refuses %s', (_, bytes, read) => {
    expect(() => read(new ByteReader(Uint8Array.from(bytes)))).toThrow()
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses to write %s as a varint', (value) => {
    expect(() => new ByteWriter().varint(value)).toThrow(RangeError)
  })

  it('hands out copies', () => {
    const written = new ByteWriter().bytes(Uint8Array.of(7)).finish()
    const read = new ByteReader(written).bytes()
    written.fill(0)
    expect([...read]).toEqual([7])
  })
})
