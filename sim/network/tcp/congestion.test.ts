import { describe, expect, it } from 'vitest'
import { Congestion } from './congestion.ts'

/** One round trip in which the whole window is used and acknowledged. */
function fullRound(congestion: Congestion): void {
  const size = congestion.window
  congestion.used(size, true, 0, 0)
  for (let segment = 0; segment < size; segment++) congestion.acknowledged(1)
}

describe('Congestion', () => {
  it('R1, RFC 6928: begins with ten segments and doubles each round trip that uses them', () => {
    const congestion = new Congestion()
    const windows = [congestion.window]
    for (let round = 0; round < 4; round++) {
      fullRound(congestion)
      windows.push(congestion.window)
    }
    expect(windows).toEqual([10, 20, 40, 80, 160])
  })

  it('RFC 5681: halves at a loss and then grows by one segment a round trip', () => {
    const congestion = new Congestion()
    for (let round = 0; round < 3; round++) fullRound(congestion)
    congestion.halve()
    congestion.recovered()
    const windows = [congestion.window]
    for (let round = 0; round < 3; round++) {
      fullRound(congestion)
      windows.push(congestion.window)
    }
    expect(windows).toEqual([40, 41, 42, 43])
    expect(congestion.isSlowStart).toBe(false)
  })

  it('RFC 5681: a timeout leaves one segment, then slow start to half the former window', () => {
    const congestion = new Congestion()
    for (let round = 0; round < 2; round++) fullRound(congestion)
    congestion.collapse(0, true)
    congestion.collapse(0, false) // a second timeout of the same loss lowers the threshold no further
    const windows = [congestion.window]
    for (let round = 0; round < 6; round++) {
      fullRound(congestion)
      windows.push(congestion.window)
    }
    expect(windows).toEqual([1, 2, 4, 8, 16, 20, 21])
  })

  it('RFC 7661: a window that is not used does not grow', () => {
    const congestion = new Congestion()
    for (let times = 0; times < 100; times++) {
      congestion.used(1, false, times, times)
      congestion.acknowledged(1)
    }
    expect(congestion.window).toBe(10)
  })

  it('never falls below two segments by halving', () => {
    const congestion = new Congestion()
    for (let times = 0; times < 5; times++) congestion.halve()
    expect(congestion.window).toBe(2)
  })

  it('RFC 2861: idle time halves the window for each timeout, not below the initial window', () => {
    const windowAfter = (idleUs: number): number => {
      const congestion = new Congestion()
      for (let round = 0; round < 3; round++) fullRound(congestion)
      congestion.restartAfterIdle(idleUs, 250_000)
      return congestion.window
    }
    expect([250_000, 250_001, 500_001, 10_000_000].map(windowAfter)).toEqual([80, 40, 20, 10])
  })

  it('RFC 2861: a small window stays small over idle time', () => {
    const congestion = new Congestion()
    congestion.collapse(0, true)
    congestion.restartAfterIdle(10_000_000, 250_000)
    expect(congestion.window).toBe(1)
  })

  it('RFC 2861: what the window had reached is the threshold after idle time', () => {
    const congestion = new Congestion()
    congestion.halve()
    for (let round = 0; round < 15; round++) fullRound(congestion)
    expect([congestion.window, congestion.threshold]).toEqual([20, 5])
    congestion.restartAfterIdle(10_000_000, 250_000)
    expect([congestion.window, congestion.threshold]).toEqual([10, 15])
  })
})
