import { describe, expect, it } from 'vitest'
import { DelayedAck } from './delayed-ack.ts'

const RTO_US = 250_000

/** Past the quick acknowledgements of the start, with the last data at the returned time. */
function settled(): { delayed: DelayedAck; nowUs: number } {
  const delayed = new DelayedAck()
  let nowUs = 1_000_000
  for (let times = 0; times < 16; times++) {
    nowUs += 30_000
    delayed.received(nowUs, RTO_US, 100, true)
    delayed.acknowledged()
  }
  return { delayed, nowUs }
}

describe('DelayedAck', () => {
  it('the first 16 segments are acknowledged at once, whatever they are', () => {
    const delayed = new DelayedAck()
    const due: boolean[] = []
    for (let times = 0; times < 18; times++) {
      delayed.received(1_000_000 + times * 30_000, RTO_US, 100, false)
      due.push(delayed.isDueNow(100, true))
      delayed.acknowledged()
    }
    expect(due).toEqual([...Array<boolean>(16).fill(true), false, false])
  })

  it('a pause of more than a timeout makes 16 more quick', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 100, false)
    expect(delayed.isDueNow(100, true)).toBe(false)
    delayed.received(nowUs + 30_000 + RTO_US + 1, RTO_US, 100, false)
    expect(delayed.isDueNow(100, true)).toBe(true)
  })

  it('RFC 1122: more than one full segment is acknowledged at once, less waits 40 ms', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 1_448, false)
    expect(delayed.isDueNow(1_448, true)).toBe(false)
    expect(delayed.isDueNow(1_449, true)).toBe(true)
    expect(delayed.waitUs(10_000)).toBe(40_000)
  })

  it('the end of a write is acknowledged when read, and waits for the answer on an interactive connection', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 100, true)
    expect(delayed.isDueNow(100, true)).toBe(true)
    expect(delayed.isDueNow(100, false)).toBe(false) // a paused reader has not read it
    delayed.answered(nowUs + 31_000)
    delayed.acknowledged()
    delayed.received(nowUs + 60_000, RTO_US, 100, true)
    expect(delayed.isDueNow(100, true)).toBe(false)
    delayed.received(nowUs + 61_000, RTO_US, 100, true) // the second end of a write does not wait
    expect(delayed.isDueNow(200, true)).toBe(true)
  })

  it('an answer that does not come in time ends being interactive', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 100, true)
    delayed.answered(nowUs + 31_000)
    delayed.acknowledged()
    delayed.received(nowUs + 60_000, RTO_US, 100, true)
    delayed.expired(RTO_US)
    expect(delayed.isDueNow(100, true)).toBe(true)
  })

  it('an answer after the delay does not make a connection interactive', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 100, true)
    delayed.answered(nowUs + 30_000 + 200_000)
    expect(delayed.isDueNow(100, true)).toBe(true)
  })

  it('data received twice hurries', () => {
    const { delayed, nowUs } = settled()
    delayed.received(nowUs + 30_000, RTO_US, 100, false)
    expect(delayed.isDueNow(100, true)).toBe(false)
    delayed.hurry()
    expect(delayed.isDueNow(100, true)).toBe(true)
  })

  it('waits 40 ms after the quick ones, then as long as the gaps say, and twice as long when nothing came', () => {
    const { delayed, nowUs } = settled()
    expect(delayed.waitUs(1_000_000)).toBe(40_000)
    delayed.received(nowUs + 30_000, RTO_US, 100, false)
    expect(delayed.waitUs(1_000_000)).toBe(50_000)
    delayed.expired(RTO_US)
    expect(delayed.waitUs(1_000_000)).toBe(100_000)
    expect(delayed.waitUs(60_000)).toBe(60_000) // never longer than a round trip
    delayed.expired(RTO_US)
    expect(delayed.waitUs(1_000_000)).toBe(200_000)
  })
})
