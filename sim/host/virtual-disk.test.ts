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

  it('quota: what adds is refused and what deletes is not; disk-error: all is refused; both end (I04)', () => {
    const { disk, kernel } = makeDisk()
    const told: unknown[] = []
    const write = (key: string, value: Uint8Array | null): void => disk.write(new Map([[key, value]]), (problem) => told.push([key, problem]))
    write('old', bytes(1))
    kernel.run()
    const room = disk.refuse('quota')
    write('new', bytes(2))
    write('old', null)
    kernel.run()
    const works = disk.refuse('io')
    write('old', null)
    kernel.run()
    room()
    works()
    write('late', bytes(3))
    kernel.run()
    expect(told).toEqual([['old', undefined], ['new', 'quota'], ['old', undefined], ['old', 'io'], ['late', undefined]])
    expect([[...disk.contents().keys()], disk.refused]).toEqual([['late'], 2])
  })

  it('torn-write, I10: a stalled disk gathers batches; torn, it keeps whole ones from the front and tells nobody', () => {
    const kept = (bytesKept: number): { readonly keys: readonly string[]; readonly told: number; readonly hit: number } => {
      const { disk, kernel } = makeDisk()
      let told = 0
      const goOn = disk.stall()
      for (const key of ['a', 'b', 'c']) disk.write(new Map([[key, bytes(7)]]), () => { told += 1 })
      kernel.run()
      expect([disk.unsynced, disk.contents().size]).toEqual([3, 0])
      const hit = disk.tear((all) => {
        expect(all).toBe(42)
        return bytesKept
      })
      goOn()
      kernel.run()
      return { keys: [...disk.contents().keys()], told, hit }
    }
    expect(kept(0)).toEqual({ keys: [], told: 0, hit: 3 })
    expect(kept(13)).toEqual({ keys: [], told: 0, hit: 3 })
    expect(kept(14)).toEqual({ keys: ['a'], told: 0, hit: 2 })
    expect(kept(41)).toEqual({ keys: ['a', 'b'], told: 0, hit: 1 })
  })

  it('kill: what was written before the process died is in the page cache, and its callbacks are gone', () => {
    const { disk, kernel } = makeDisk()
    let told = 0
    disk.write(new Map([['a', bytes(1)]]), () => { told += 1 })
    disk.keep()
    expect([...disk.contents().keys()]).toEqual(['a'])
    kernel.run()
    expect(told).toBe(0)
  })

  it('R5: with varying sync times later batches never overtake earlier ones', () => {
    const kernel = new Kernel()
    const times = [5_000, 1_000, 3_000]
    const disk = new VirtualDisk((delayUs, run) => { kernel.after(delayUs, run) }, () => times.shift() ?? 0, () => kernel.nowUs)
    const synced: unknown[] = []
    for (const key of ['a', 'b', 'c']) disk.write(new Map([[key, bytes(1)]]), () => synced.push([key, kernel.nowUs]))
    kernel.run()
    expect(synced).toEqual([['a', 5_000], ['b', 5_000], ['c', 5_000]])
  })
})
