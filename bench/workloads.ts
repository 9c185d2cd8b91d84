/**
 * The workloads of the kernel bench. They keep as many events pending as they start with, for ever.
 *
 * This module is loaded once per engine, so that each engine's calls are compiled for it alone and no engine
 * pays for another's types.
 */
import type { Engine } from './engines.ts'

export type Workload = (engine: Engine) => void

const SECOND = 1_000_000

/** Marsaglia's xorshift32: the cheapest draw, so that the draws weigh little against the scheduling. */
let state = 0x2545f491
function draw(n: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % n
}

/** W1, timer churn: each event schedules one at now + uniform (1 us .. 1 s). */
export function timerChurn(pending: number): Workload {
  return (engine) => {
    const fire = (): void => { engine.after(1 + draw(SECOND), fire) }
    for (let timer = 0; timer < pending; timer++) fire()
  }
}

/** W2, ping-pong network: 100 nodes, 10 .. 100 ms latency, 5 % loss, a lost message is sent again after 200 ms. */
export function pingPong(messages: number): Workload {
  return (engine) => {
    const received = new Int32Array(100)
    for (let message = 0; message < messages; message++) {
      let to = draw(100)
      const send = (): void => {
        if (draw(20) === 0) engine.after(200_000, send)
        else engine.after(10_000 + draw(90_001), deliver)
      }
      const deliver = (): void => {
        received[to]++
        to = draw(100)
        send()
      }
      send()
    }
  }
}

/** W3, cancel-heavy: each event cancels one pending timer and schedules two. */
export function cancelHeavy(pending: number): Workload {
  return (engine) => {
    const timers = new Array<unknown>(pending)
    const runs: (() => void)[] = []
    for (let slot = 0; slot < pending; slot++) {
      runs.push(() => {
        const other = (slot + 1 + draw(pending - 1)) % pending
        engine.cancel(timers[other])
        timers[slot] = engine.after(1 + draw(SECOND), runs[slot])
        timers[other] = engine.after(1 + draw(SECOND), runs[other])
      })
    }
    for (let slot = 0; slot < pending; slot++) timers[slot] = engine.after(1 + draw(SECOND), runs[slot])
  }
}
