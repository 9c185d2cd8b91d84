import { describe, expect, it } from 'vitest'
import { HostClock } from './host-clock.ts'

function makeClock(offsetUs = 0, ppm = 0): { readonly clock: HostClock; until(atUs: number): void } {
  let nowUs = 0
  return { clock: new HostClock(() => nowUs, offsetUs, ppm), until: (atUs) => { nowUs = atUs } }
}
const EPOCH_MS = 1_704_067_200_000

describe('HostClock', () => {
  it('R6: an offset moves the wall clock alone', () => {
    const { clock, until } = makeClock(-500_000)
    until(2_000_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([1_500, 2_000])
  })

  it('drift: both clocks and the timers run at the oscillator’s rate', () => {
    const { clock, until } = makeClock(0, 100)
    until(10_000_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([10_001, 10_001])
    expect(clock.trueDelayUs(1_000_100)).toBe(1_000_000)
    clock.drift(-100_000)
    until(20_000_000)
    expect(clock.monotonicMs()).toBe(19_001)
    expect(makeClock().clock.trueDelayUs(1_234)).toBe(1_234)
  })

  it('step, I08: the wall clock jumps either way, the monotonic clock never', () => {
    const { clock, until } = makeClock()
    until(1_000_000)
    clock.step(-3_600_000_000)
    until(2_000_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([2_000 - 3_600_000, 2_000])
    clock.step(3_600_000_000)
    expect(clock.wallMs() - EPOCH_MS).toBe(2_000)
  })

  it('suspend, I07: in a sleep the monotonic clock stands still and the wall clock goes on', () => {
    const { clock, until } = makeClock()
    until(1_000_000)
    clock.freeze()
    until(61_000_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([61_000, 1_000])
    clock.thaw()
    until(62_000_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([62_000, 2_000])
  })

  it('restart: a new process counts from its own start', () => {
    const { clock, until } = makeClock()
    until(5_000_000)
    clock.restart()
    until(5_250_000)
    expect([clock.wallMs() - EPOCH_MS, clock.monotonicMs()]).toEqual([5_250, 250])
  })
})
