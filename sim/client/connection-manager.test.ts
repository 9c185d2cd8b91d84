import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../history/events.ts'
import type { Dialer, StreamEnd, StreamEvents, Transport } from '../network/transport.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import { ConnectionManager } from './connection-manager.ts'

/** Requirements B01. */
const BACKOFF = { initialUs: 1_000_000, multiplier: 2, capUs: 30_000_000, jitter: 0.1 }
const END: StreamEnd = { bufferedBytes: 0, send: () => undefined, close: () => undefined }

/** A transport whose dials the test decides about. */
class Dials implements Transport {
  readonly name = 'websocket'
  readonly atUs: number[] = []
  events: StreamEvents | null = null
  readonly #world: TestWorld
  /** What a dial comes to; by default nothing. */
  decide: (dialer: Dialer) => void = () => undefined

  constructor(world: TestWorld) { this.#world = world }

  dial(dialer: Dialer): void {
    this.atUs.push(this.#world.kernel.nowUs)
    this.#world.kernel.after(0, () => this.decide(dialer))
  }

  /** Opens, and breaks after `lifeUs`. */
  living(lifeUs: number): void {
    this.decide = (dialer) => {
      const events = dialer.opened(END)
      this.events = events
      this.#world.kernel.after(lifeUs, () => events.closed({ kind: 'lost' }))
    }
  }

  request(): () => void { throw new Error('no requests here') }
  reset(): void { throw new Error('no faults here') }
  deviceGone(): number { throw new Error('no faults here') }
  serverGone(): number { throw new Error('no faults here') }
  forgetStreams(): void { throw new Error('no faults here') }
}

function manage(world: TestWorld, dials: Dials): { readonly heard: string[] } {
  const heard: string[] = []
  new ConnectionManager(world.hosts[0], BACKOFF, dials).start({
    connected: (_end, isFirst) => {
      heard.push(isFirst ? 'first' : 'again')
      return {
        frame: (bytes) => heard.push(`frame of ${bytes.length} because of ${String(world.world.cause.current)}`),
        closed: (why) => heard.push(why.kind),
      }
    },
  })
  return { heard }
}

const states = (world: TestWorld): readonly string[] => world.world.recorder.events
  .filter((event): event is ConnectionEvent => event.kind === 'connection').map(({ state }) => state)
const gaps = (times: readonly number[]): readonly number[] => times.slice(1).map((atUs, index) => atUs - times[index])

describe('ConnectionManager', () => {
  it('B01: dials that fail are repeated after a backoff that doubles up to its cap, and never end (B02 is left out)', () => {
    const world = makeTestWorld()
    const dials = new Dials(world)
    dials.decide = (dialer) => dialer.failed()
    manage(world, dials)
    world.until(300_000_000)
    const nominal = (attempt: number): number => Math.min(BACKOFF.capUs, BACKOFF.initialUs * 2 ** attempt)
    gaps(dials.atUs).forEach((gapUs, attempt) => {
      expect(gapUs).toBeGreaterThanOrEqual(0.9 * nominal(attempt))
      expect(gapUs).toBeLessThanOrEqual(Math.min(BACKOFF.capUs, 1.1 * nominal(attempt)))
    })
    expect(dials.atUs.length).toBeGreaterThan(12)
    expect(states(world).slice(0, 4)).toEqual(['connecting', 'closed', 'connecting', 'closed'])
  })

  it('H3: not connected is busy, from the start until the first open and from each loss until the next', () => {
    const world = makeTestWorld()
    const dials = new Dials(world)
    const { quiescence } = world.world
    dials.living(5_000_000)
    const { heard } = manage(world, dials)
    expect(quiescence.pending()).toEqual(['A: 1 x not connected'])
    world.until(1_000)
    expect(quiescence.isIdle).toBe(true)
    world.until(5_000_000)
    expect(quiescence.pending()).toEqual(['A: 1 x foreground timer armed', 'A: 1 x not connected'])
    world.until(7_000_000)
    expect([quiescence.isIdle, states(world), heard]).toEqual([true, ['connecting', 'open', 'closed', 'connecting', 'open'], ['first', 'lost', 'again']])
  })

  it('B13: a link that flaps is not dialled without pause: sub-second connections do not reset the backoff', () => {
    const world = makeTestWorld()
    const dials = new Dials(world)
    dials.living(100_000)
    manage(world, dials)
    world.until(120_000_000)
    const waits = gaps(dials.atUs).map((gapUs) => gapUs - 100_000)
    expect(waits.slice(0, 5).map((waitUs, index) => Math.round(waitUs / (1_000_000 * 2 ** index)))).toEqual([1, 1, 1, 1, 1])
    expect(dials.atUs.length).toBeLessThan(11)
  })

  it('B13: a connection that has lasted resets it', () => {
    const world = makeTestWorld()
    const dials = new Dials(world)
    dials.decide = (dialer) => dialer.failed()
    manage(world, dials)
    world.until(20_000_000)
    dials.living(60_000_000)
    world.until(110_000_000)
    const last = gaps(dials.atUs).at(-1) ?? 0
    expect(last - 60_000_000).toBeGreaterThanOrEqual(900_000)
    expect(last - 60_000_000).toBeLessThanOrEqual(1_100_000)
  })

  it('frames are handled on the host under their cause', () => {
    const world = makeTestWorld()
    const dials = new Dials(world)
    dials.living(1_000_000)
    const { heard } = manage(world, dials)
    world.until(0)
    dials.events?.frame(new Uint8Array(3), 'edit-1')
    expect(heard).toEqual(['first', 'frame of 3 because of edit-1'])
    expect(world.world.cause.current).toBeNull()
  })
})
