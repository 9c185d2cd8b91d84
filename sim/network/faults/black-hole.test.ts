/** A black hole as a device lives through it, with the whole stack between its edits and the wire. */
import { describe, expect, it } from 'vitest'
import type { Session } from '../../contract.ts'
import type { History, HistoryEvent } from '../../history/events.ts'
import { Sha256 } from '../../kernel/sha256.ts'
import { runPlan } from '../../run.ts'
import type { Plan } from '../../scenario/plan.ts'
import { echoModule, EchoReplica, echoStrategy } from '../../testing/echo-strategy.ts'
import { postModule, postStrategy } from '../../testing/post-strategy.ts'
import { tinyPlan } from '../../testing/tiny-plan.ts'

const SECOND_US = 1_000_000
const EDITS = 40
/** Ten kilobytes an edit, every 200 ms, from just before the hole until long after it. */
const intentions: Plan['intentions'] = Array.from({ length: EDITS }, (_, index) => ({
  id: `e${index}`, atUs: 900_000 + index * 200_000, device: 'A', document: 'doc', field: 'price', action: { op: 'set', value: `${index} `.padEnd(10_000, '.') },
}))
const plan = tinyPlan({ durationUs: 10 * SECOND_US, intentions, faults: [{ id: 'nat', type: 'black-hole', atUs: SECOND_US, untilUs: 3 * SECOND_US, devices: ['A', 'B'] }] })

const eventsOf = <K extends HistoryEvent['kind']>({ events }: History, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
/** When a device lost its first connection. */
const lostAtUs = (history: History, device: string): number =>
  eventsOf(history, 'connection').find((event) => event.device === device && event.state === 'closed')?.atUs ?? -1

describe('a black-holed device (R4, B07)', () => {
  it('sends succeed: bytes pile up and no send is refused; the end is found by TCP\'s timer, or by keep-alive probes where nothing is sent', () => {
    const buffered: number[] = []
    const strategy = {
      ...echoStrategy,
      replica: (context: ConstructorParameters<typeof EchoReplica>[0]) => new class extends EchoReplica {
        override opened(session: Session): void {
          const watched: Session = Object.create(session) as Session
          watched.send = (bytes, traffic) => {
            session.send(bytes, traffic)
            if (context.identity.device === 'A') buffered.push(session.bufferedBytes)
          }
          super.opened(watched)
        }
      }(context),
    }
    const { history, quiescent } = runPlan(plan, echoModule(strategy), strategy, { createHasher: () => new Sha256() })
    // The first edit is acknowledged before the hole, none of the others.
    expect(buffered.slice(0, EDITS).every((bytes, index) => bytes > 10_000 * Math.max(1, index))).toBe(true)
    // No frame of the device arrives, although the box lets new connections through after two seconds.
    const lostUs = lostAtUs(history, 'A')
    const arrived = eventsOf(history, 'frame').filter(({ state, from, traffic, atUs }) => state === 'delivered' && from === 'A' && traffic === 'data' && atUs > SECOND_US && atUs < lostUs)
    expect(arrived).toEqual([])
    expect(lostUs).toBeGreaterThan(924 * SECOND_US)
    expect(lostUs).toBeLessThan(1_050 * SECOND_US)
    expect(lostAtUs(history, 'B')).toBe(SECOND_US + 450 * SECOND_US)
    // Then it dials anew, and everything comes home, within the bounds.
    expect(eventsOf(history, 'settled')).toHaveLength(EDITS)
    expect(quiescent).toBe(true)
  })

  it('R2: requests run into their timeouts, one connection after another, and then take new ones, long before the stream is missed', () => {
    const { history, quiescent } = runPlan(plan, postModule, postStrategy, { createHasher: () => new Sha256() })
    const settled = eventsOf(history, 'settled')
    expect(settled).toHaveLength(EDITS)
    expect(settled[0].atUs).toBeLessThan(SECOND_US) // before the hole
    // Each request that was under way, or took a forgotten connection, waited for its second; then came the backoff.
    expect(settled[1].atUs).toBeGreaterThan(3 * SECOND_US)
    expect(settled[1].atUs).toBeLessThan(10 * SECOND_US)
    expect(lostAtUs(history, 'A')).toBe(SECOND_US + 450 * SECOND_US)
    expect(quiescent).toBe(true)
  })
})
