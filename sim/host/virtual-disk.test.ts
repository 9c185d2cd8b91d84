import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kernel } from '../kernel/kernel.ts'
import { VirtualDisk } from './virtual-disk.ts'

const SYNC_US = 1_000

function makeDisk(): { readonly disk: VirtualDisk; readonly kernel: Kernel } {
  const kernel = new Kernel()
  return { kernel, disk: new VirtualDisk((delayUs, run) => { kernel.after(delayUs, run) }, SYNC_US) }
}
const bytes = (value: number): Uint8Array => Uint8Array.of(value)

describe('VirtualDisk', () => {
  it('R5: nothing is durable before its sync, and a batch becomes durable as a whole', () => {
    const { disk, kernel } = makeDisk()
    const seen: unknown[] = []
    disk.write(new Map([['b', bytes(1)], ['a', bytes(2)]]), () => seen.push([kernel.nowUs, [...disk.contents().keys()]]))
    expect(disk.contents().size).toBe(0)
    kernel.run()
    expect(seen).toEqual([[SYNC_US, ['a', 'b']]])
  })

  it('R5: a crash loses what had not synced, and its callbacks; what was synced stays', () => {
    const { disk, kernel } = makeDisk()
    const synced: string[] = []
    const write = (key: string): void => disk.write(new Map([[key, bytes(1)]]), () => synced.push(key))
    write('early')
    kernel.at(600, () => write('late'))
    kernel.at(1_200, () => disk.crash())
    kernel.at(1_300, () => write('next life'))
    kernel.run()
    expect(synced).toEqual(['early', 'next life'])
    expect([...disk.contents().keys()]).toEqual(['early', 'next life'])
  })

  it('D6: agrees with a plain map: later batches win, null deletes, contents come in key order', () => {
    const batch = fc.array(fc.tuple(fc.constantFrom('k1', 'k10', 'k2', 'K'), fc.option(fc.nat(255))), { maxLength: 5 })
    fc.assert(fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      const { disk, kernel } = makeDisk()
      const model = new Map<string, Uint8Array>()
      for (const entries of batches) {
        disk.write(new Map(entries.map(([key, value]) => [key, value === null ? null : bytes(value)])), () => undefined)
        for (const [key, value] of new Map(entries)) {
          if (value === null) model.delete(key)
          else model.set(key, bytes(value))
        }
      }
      kernel.run()
      expect([...disk.contents()]).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)))
    }))
  })

  it('R7: what is written is copied, and what booted does not change with later writes', () => {
    const { disk, kernel } = makeDisk()
    const value = bytes(1)
    disk.write(new Map([['a', value]]), () => undefined)
    value[0] = 9
    kernel.run()
    const boot = disk.contents()
    expect(boot.get('a')).toEqual(bytes(1))
    disk.write(new Map([['b', value]]), () => undefined)
    kernel.run()
    expect([...boot.keys()]).toEqual(['a'])
  })
})
