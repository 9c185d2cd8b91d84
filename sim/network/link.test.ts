import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeTestWorld } from '../testing/test-world.ts'
import type { Direction } from './link.ts'

const PROFILE = { latencyUs: 20_000, jitterUs: 15_000 }
const CONSTANT = { latencyUs: 20_000, jitterUs: 0 }

/** Sends packets at these times on a link without faults; returns how long each took. */
function delaysOf(sendings: readonly { readonly atUs: number; readonly direction: Direction }[], seed = '1'): number[] {
  const { link, kernel } = makeTestWorld({ profile: PROFILE, seed })
  const delays: number[] = []
  sendings.forEach(({ atUs, direction }, index) => {
    kernel.at(atUs, () => { link.carry(direction, () => { delays[index] = kernel.nowUs - atUs }) })
  })
  kernel.run()
  return delays
}

describe('Link', () => {
  it('delays every packet by latency plus a draw from the jitter, the same for one seed', () => {
    const sendings = Array.from({ length: 500 }, (_, index) => ({ atUs: index * 3_000, direction: index % 2 === 0 ? 'up' as const : 'down' as const }))
    const delays = delaysOf(sendings)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(20_000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(35_000)
    expect(new Set(delays).size).toBeGreaterThan(400)
    expect(delaysOf(sendings)).toEqual(delays)
    expect(delaysOf(sendings, '2')).not.toEqual(delays)
  })

  it('D4: one packet more in a 10 ms slot changes the delays of no other slot and not of the other direction', () => {
    const direction = fc.constantFrom<Direction>('up', 'down')
    fc.assert(fc.property(
      fc.array(fc.record({ atUs: fc.nat(150_000), direction }), { minLength: 2, maxLength: 30 }), fc.nat(1_000), (sent, which) => {
        const sendings = sent.sort((a, b) => a.atUs - b.atUs)
        const extra = which % sendings.length
        const others = sendings.toSpliced(extra, 1)
        const slotOf = (atUs: number): number => Math.floor(atUs / 10_000)
        const [all, fewer] = [delaysOf(sendings), delaysOf(others)]
        others.forEach((one, index) => {
          if (one.direction === sendings[extra].direction && slotOf(one.atUs) === slotOf(sendings[extra].atUs)) return
          expect(fewer[index]).toBe(all[index < extra ? index : index + 1])
        })
      },
    ), { numRuns: 150 })
  })

  it('R1: a packet that meets a partition is sent again after 200 ms, 400 ms, 800 ms, until it gets through', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    const cutAt: number[] = []
    let seen = 0
    const watch = (): void => {
      if (link.packetsCut > seen) cutAt.push(kernel.nowUs)
      seen = link.packetsCut
      if (kernel.nowUs < 2_500_000) kernel.after(1_000, watch)
    }
    let arrivedAtUs = 0
    link.partition()
    link.carry('up', () => { arrivedAtUs = kernel.nowUs })
    kernel.at(2_000_000, () => link.heal())
    watch()
    kernel.run()
    // Each loss is noticed a delay after the sending: 20, 20+200+20, +400+20, +800+20; the next waits 1600.
    expect(cutAt).toEqual([20_000, 240_000, 660_000, 1_480_000])
    expect(arrivedAtUs).toBe(1_480_000 + 1_600_000 + 20_000)
    expect(link.packetsCut).toBe(4)
  })

  it('R1: the wait doubles up to a minute and not beyond', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    let arrivedAtUs = 0
    link.partition()
    link.carry('up', () => { arrivedAtUs = kernel.nowUs })
    const healedUs = 2_000_000_000
    kernel.at(healedUs, () => link.heal())
    kernel.run()
    expect(arrivedAtUs).toBeGreaterThan(healedUs)
    expect(arrivedAtUs).toBeLessThanOrEqual(healedUs + 60_000_000 + 2 * 20_000)
  })

  it('R1: nothing sent during a cut and nothing due inside one arrives before its end, and all of it arrives', () => {
    const cut = fc.record({ atUs: fc.nat(3_000_000), lengthUs: fc.integer({ min: 1, max: 1_500_000 }), kind: fc.constantFrom('partition', 'offline') })
    fc.assert(fc.property(fc.array(cut, { maxLength: 4 }), fc.array(fc.nat(4_000_000), { minLength: 1, maxLength: 20 }), (cuts, times) => {
      const { link, kernel } = makeTestWorld({ profile: PROFILE })
      for (const { atUs, lengthUs, kind } of cuts) {
        kernel.at(atUs, () => { if (kind === 'partition') link.partition(); else link.goOffline() })
        kernel.at(atUs + lengthUs, () => { if (kind === 'partition') link.heal(); else link.comeOnline() })
      }
      const isCutAt = (atUs: number): boolean => cuts.some((one) => one.atUs < atUs && atUs < one.atUs + one.lengthUs)
      let arrived = 0
      for (const atUs of times) {
        kernel.at(atUs, () => {
          link.carry('up', () => {
            arrived += 1
            expect(isCutAt(kernel.nowUs)).toBe(false)
          })
        })
      }
      kernel.run()
      expect(arrived).toBe(times.length)
      expect(link.isCut).toBe(false)
    }), { numRuns: 150 })
  })

  it('a packet in flight when a cut begins is lost with it, even if it was sent before', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    let arrivedAtUs = 0
    link.carry('up', () => { arrivedAtUs = kernel.nowUs })
    kernel.at(10_000, () => link.partition())
    kernel.at(30_000, () => link.heal())
    kernel.run()
    expect([arrivedAtUs, link.packetsCut]).toEqual([20_000 + 200_000 + 20_000, 1])
  })

  it('a packet sent into a cut is lost even if the cut is over when it would have arrived', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    let arrivedAtUs = 0
    link.partition()
    link.carry('up', () => { arrivedAtUs = kernel.nowUs })
    kernel.at(5_000, () => link.heal())
    kernel.run()
    expect([arrivedAtUs, link.packetsCut]).toEqual([20_000 + 200_000 + 20_000, 1])
  })

  it('overlapping cuts end with the last of them, and offline is a cut of its own kind', () => {
    const { link } = makeTestWorld()
    link.partition()
    link.partition()
    link.goOffline()
    link.heal()
    expect([link.isCut, link.isOffline]).toEqual([true, true])
    link.comeOnline()
    expect([link.isCut, link.isOffline]).toEqual([true, false])
    link.heal()
    expect(link.isCut).toBe(false)
  })

  it('a cancelled packet does not arrive, in flight or waiting to be sent again', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    const arrived: string[] = []
    const flying = link.carry('up', () => arrived.push('flying'))
    kernel.at(5_000, () => flying.cancel())
    kernel.at(100_000, () => link.partition())
    kernel.at(100_001, () => {
      const waiting = link.carry('up', () => arrived.push('waiting'))
      kernel.at(200_000, () => waiting.cancel())
    })
    kernel.at(210_000, () => link.heal())
    kernel.run()
    expect(arrived).toEqual([])
  })

  it('arrives no earlier than told', () => {
    const { link, kernel } = makeTestWorld({ profile: CONSTANT })
    let arrivedAtUs = 0
    link.carry('up', () => { arrivedAtUs = kernel.nowUs }, 90_000)
    kernel.run()
    expect(arrivedAtUs).toBe(90_000)
  })
})
