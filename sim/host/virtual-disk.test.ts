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

describe('VirtualDisk: bit rot (I10)', () => {
  const STEPS: readonly ReadonlyMap<string, Uint8Array | null>[] = [
    new Map([['a', Uint8Array.of(1, 2, 3)]]), new Map([['b', bytes(4)], ['a', bytes(5)]]), new Map([['a', null], ['c', Uint8Array.of()]]), new Map([['b', bytes(6)]]),
  ]
  const writeAll = ({ disk, kernel }: ReturnType<typeof makeDisk>, steps: typeof STEPS): void => {
    for (const step of steps) disk.write(step, () => undefined)
    kernel.run()
  }
  const shown = (disk: VirtualDisk): unknown => [...disk.contents()].map(([key, value]) => [key, ...value])

  it('every change of every byte is found at the next boot, which then sees a state that was there once, whole', () => {
    const states = STEPS.map((_, index) => {
      const model = makeDisk()
      writeAll(model, STEPS.slice(0, index))
      return shown(model.disk)
    })
    let totalBytes = 0
    const found = new Map<number, number>()
    for (let at = 0; at === 0 || at < totalBytes; at++) {
      for (let flips = 1; flips <= 255; flips++) {
        const rotten = makeDisk()
        rotten.disk.keepLog()
        writeAll(rotten, STEPS)
        rotten.disk.rot((total) => {
          totalBytes = total
          return at
        }, flips)
        expect(rotten.disk.unvouched).toBe(0)
        const state = shown(rotten.disk)
        const lost = rotten.disk.unvouched
        expect(lost).toBeGreaterThan(0)
        expect(state).toEqual(states[STEPS.length - lost])
        found.set(lost, (found.get(lost) ?? 0) + 1)
      }
    }
    expect(totalBytes).toBeGreaterThan(50)
    expect([...found.keys()].sort()).toEqual([1, 2, 3, 4])
  })

  it('whoever runs notices nothing and writes on, behind the damage: at the next boot that is lost too, and the one after is sound', () => {
    const { disk, kernel } = makeDisk()
    disk.keepLog()
    writeAll({ disk, kernel }, STEPS.slice(0, 2))
    const synced: string[] = []
    disk.rot((total) => total - 1, 1)
    disk.write(new Map([['late', bytes(7)]]), (problem) => synced.push(problem ?? 'fine'))
    kernel.run()
    expect(synced).toEqual(['fine'])
    expect(shown(disk)).toEqual([['a', 1, 2, 3]])
    expect(disk.unvouched).toBe(2)
    disk.write(new Map([['again', bytes(8)]]), () => undefined)
    kernel.run()
    expect([shown(disk), disk.unvouched]).toEqual([[['a', 1, 2, 3], ['again', 8]], 2])
  })

  it('what a power failure or the end of a process keeps is on the log, and rots with it', () => {
    for (const end of [(disk: VirtualDisk): unknown => disk.keep(), (disk: VirtualDisk): unknown => disk.tear((total) => total)]) {
      const { disk } = makeDisk()
      disk.keepLog()
      disk.write(new Map([['a', bytes(1)]]), () => undefined)
      end(disk)
      expect(shown(disk)).toEqual([['a', 1]])
      disk.rot(() => 0, 255)
      expect([shown(disk), disk.unvouched]).toEqual([[], 1])
    }
  })

  it('a log that has grown is written anew: damage before that is gone, and damage to the one record it has become takes all', () => {
    const { disk, kernel } = makeDisk()
    disk.write(new Map([['before', bytes(1)]]), () => undefined)
    kernel.run()
    disk.keepLog()
    disk.rot(() => 0, 1)
    for (let index = 0; index < 5; index++) disk.write(new Map([[`large-${index}`, new Uint8Array(1_000_000)]]), () => undefined)
    kernel.run()
    expect([disk.contents().size, disk.unvouched]).toEqual([6, 0])
    disk.rot(() => 9, 1)
    expect([disk.contents().size, disk.unvouched]).toEqual([0, 1])
  })

  it('an empty log has nothing that could rot, and a disk that keeps no log cannot', () => {
    const { disk } = makeDisk()
    expect(() => disk.rot(() => 0, 1)).toThrow(/no log/)
    disk.keepLog()
    disk.rot(() => { throw new Error('drawn for nothing') }, 1)
    expect([disk.contents().size, disk.unvouched]).toEqual([0, 0])
  })
})

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
