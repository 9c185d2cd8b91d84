/** Many devices against a server at capacity (F08, B03): how much gets through while it lasts, and what comes after. */
import { describe, expect, it } from 'vitest'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Fault, Plan } from '../scenario/plan.ts'
import { postModule, postStrategy } from '../testing/post-strategy.ts'
import { TINY_LINK, tinyPlan } from '../testing/tiny-plan.ts'

const SECOND_US = 1_000_000
const DEVICES = Array.from({ length: 5 }, (_, index) => `d${index}`)
const TURNS = 60
const CAPACITY = 3
const FROM_US = 4 * SECOND_US
const MEASURED_FROM_US = 9 * SECOND_US
const UNTIL_US = 29 * SECOND_US

/** Five people who make two edits a second for half a minute. */
function runUnder(...faults: readonly Fault[]): Run {
  const intentions: Plan['intentions'] = Array.from({ length: TURNS }, (_, turn) => DEVICES.map((device, index) => (
    { id: `e${turn}-${index}`, atUs: turn * 500_000 + index * 90_000, device, document: 'doc', field: 'price', action: { op: 'set', value: `v${turn}-${index}` } } as const))).flat()
  const plan = tinyPlan({
    durationUs: 31 * SECOND_US, intentions, faults, devices: DEVICES.map((id) => ({ id, user: id, link: TINY_LINK, clockOffsetUs: 0 })),
    client: { ...tinyPlan().client, requestTimeoutUs: 10 * SECOND_US, debounceUs: 5 * SECOND_US, maxWaitUs: 20 * SECOND_US },
  })
  return runPlan(plan, postModule, postStrategy, { createHasher: () => new Sha256() })
}

const settledIn = ({ history }: Run, fromUs: number, untilUs: number): number =>
  history.events.filter((event) => event.kind === 'settled' && event.atUs >= fromUs && event.atUs < untilUs).length
const requestsIn = ({ history }: Run, fromUs: number, untilUs: number): number =>
  history.events.filter((event) => event.kind === 'frame' && event.traffic === 'request' && event.state === 'sent' && event.atUs >= fromUs && event.atUs < untilUs).length

/** What gets through in a second of the fault, once everybody has met it. */
const goodput = (one: Run): number => settledIn(one, MEASURED_FROM_US, UNTIL_US) / ((UNTIL_US - MEASURED_FROM_US) / SECOND_US)

describe('a server at capacity', () => {
  const during = { id: 'f', atUs: FROM_US, untilUs: UNTIL_US, devices: DEVICES }

  it.each([undefined, SECOND_US])('B03, F08: behind a rate limit (Retry-After %s us) what is admitted gets through, and what is refused does not come again and again', (retryAfterUs) => {
    const one = runUnder({ ...during, type: 'rate-limit', perSecond: CAPACITY, retryAfterUs })
    expect(goodput(one)).toBeGreaterThan(0.8 * CAPACITY)
    expect(goodput(one)).toBeLessThan(1.1 * CAPACITY)
    // Ten a second are wanted.
    expect(requestsIn(one, MEASURED_FROM_US, UNTIL_US)).toBeLessThan(4 * CAPACITY * (UNTIL_US - MEASURED_FROM_US) / SECOND_US)
    expectOver(one)
  })

  it('F08: an overloaded server works at its capacity, and the retries do not keep it from anything once it has room', () => {
    const one = runUnder({ ...during, type: 'overload', slowdown: 100, workers: 1, queue: 4 })
    // One worker, a hundred times 1 to 5 ms for each.
    expect(goodput(one)).toBeGreaterThan(0.8 / 0.3)
    expect(goodput(one)).toBeLessThan(1.2 / 0.3)
    expectOver(one)
  })

  /** After the fault everything is settled, and nothing goes on. */
  function expectOver(one: Run): void {
    const settled = settledIn(one, 0, Infinity)
    expect(settled).toBe(DEVICES.length * TURNS)
    expect(one.quiescent).toBe(true)
    expect(requestsIn(one, UNTIL_US + 50 * SECOND_US, Infinity)).toBe(0)
  }
})
