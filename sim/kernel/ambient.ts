/**
 * Ambient clock, randomness and timers (design D3): shims over the global ones, which outside a run delegate to
 * what they replaced, and inside one hand *library* code the virtual ones of the host it runs on. Our own code
 * below `cli/` has its context to ask, so that a call from it is a mistake and throws (`own-code.ts`).
 *
 * Install before importing any library that may capture a global at import. Covered: `Date`, `Date.now`,
 * `performance.now` and `timeOrigin`, `Math.random`, `crypto.getRandomValues` and `randomUUID`, timers and
 * `queueMicrotask`. Not covered: promise jobs (they run after a synchronous run), the time zone, and what
 * only Node has (`process.hrtime`, `process.nextTick`, `node:crypto`'s own functions).
 */
import { ambientState } from './ambient-state.ts'
import type { AmbientSource } from './ambient-state.ts'
import { shimDate } from './ambient-date.ts'
import { shimCrypto, shimMathRandom } from './ambient-randomness.ts'
import { replaceMethod } from './ambient-shim.ts'
import { shimTimers } from './ambient-timers.ts'

export type { AmbientSource } from './ambient-state.ts'

/**
 * Puts the shims into a global object; a second call changes nothing.
 * @returns whether this call installed them
 */
export function installAmbient(target: object = globalThis): boolean {
  if (ambientState.installed.has(target)) return false
  ambientState.installed.add(target)
  shimDate(target)
  shimMathRandom(target)
  shimPerformance(target)
  shimCrypto(target)
  shimTimers(target)
  return true
}

/**
 * Runs `run` with `source` as its ambient clock and randomness. Synchronous: what `run` leaves to promises
 * happens outside. Calls nest, and the outer source is back when `run` returns or throws.
 */
export function withAmbient<T>(source: AmbientSource, run: () => T): T {
  const outer = ambientState.source
  ambientState.source = source
  try {
    return run()
  } finally {
    ambientState.source = outer
  }
}

function shimPerformance(target: object): void {
  const performance: unknown = Reflect.get(target, 'performance')
  if (typeof performance !== 'object' || performance === null) return
  replaceMethod(performance, 'now', 'performance.now', (source) => source.monotonicMs())
  const realOrigin: unknown = Reflect.get(performance, 'timeOrigin')
  Object.defineProperty(performance, 'timeOrigin', {
    configurable: true,
    enumerable: true,
    get: (): unknown => {
      const source = ambientState.source
      return source === null ? realOrigin : source.nowMs() - source.monotonicMs()
    },
  })
}
