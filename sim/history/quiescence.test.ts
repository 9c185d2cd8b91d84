import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUSY_KINDS, Quiescence, type BusyKind } from './quiescence.ts'

const HOSTS = ['A', 'B', 'server']

describe('Quiescence', () => {
  it('H3: agrees with a plain list of what is going on: idle, pending, and when it was last disturbed', () => {
    const step = fc.record({
      waitUs: fc.nat(100), host: fc.nat(HOSTS.length - 1), kind: fc.constantFrom(...BUSY_KINDS), ends: fc.boolean(), disturbs: fc.boolean(),
    })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let nowUs = 0
      let disturbedUs = 0
      const busy: { readonly host: number; readonly kind: BusyKind }[] = []
      const quiescence = new Quiescence(HOSTS, () => nowUs)
      for (const { waitUs, host, kind, ends, disturbs } of steps) {
        nowUs += waitUs
        const found = busy.findIndex((one) => one.host === host && one.kind === kind)
        if (disturbs) quiescence.disturbed()
        else if (!ends) {
          busy.push({ host, kind })
          quiescence.begin(host, kind)
        } else if (found === -1) {
          expect(() => quiescence.end(host, kind)).toThrow(new RegExp(`${HOSTS[host]} ended a ${kind} that never began`))
          continue
        } else {
          busy.splice(found, 1)
          quiescence.end(host, kind)
        }
        disturbedUs = nowUs
        expect([quiescence.isIdle, quiescence.lastDisturbanceUs]).toEqual([busy.length === 0, disturbedUs])
        expect(quiescence.pending()).toHaveLength(new Set(busy.map((one) => `${one.host} ${one.kind}`)).size)
      }
      for (const { host, kind } of busy) quiescence.end(host, kind)
      expect([quiescence.isIdle, quiescence.pending()]).toEqual([true, []])
    }))
  })

  it('H3: pending says how much of what is where, host by host', () => {
    const quiescence = new Quiescence(HOSTS, () => 0)
    quiescence.begin(2, 'write')
    quiescence.begin(0, 'offline')
    quiescence.begin(0, 'timer')
    quiescence.begin(0, 'timer')
    quiescence.begin(1, 'frame')
    quiescence.begin(1, 'request')
    expect(quiescence.pending()).toEqual([
      'A: 2 x foreground timer armed', 'A: 1 x not connected', 'B: 1 x data frame in flight', 'B: 1 x request in flight',
      'server: 1 x disk write not synced',
    ])
  })
})
