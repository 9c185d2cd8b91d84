/**
 * The shims of the timer functions and of `queueMicrotask` (design D3). During a run, a library's timer becomes
 * a timer of the host it runs on, if the host offers timers, and an error otherwise: a real one would fire
 * after the run, in no order. Handles of virtual timers are objects, as Node's are, and cannot be cleared by
 * a number made from them.
 */
import type { AmbientSource } from './ambient-state.ts'
import { replaceMethod } from './ambient-shim.ts'

/** Delays outside 1 .. 2^31 - 1 ms count as 1, as in Node. */
const DELAY_MS_MAX = 0x7fff_ffff

type Callback = (...args: readonly unknown[]) => void

export function shimTimers(target: object): void {
  replaceMethod(target, 'setTimeout', 'setTimeout', (source, [run, delayMs, ...args]) =>
    new VirtualTimer(source, 'setTimeout', wholeDelayMs(delayMs), bind(run, args), false))
  replaceMethod(target, 'setInterval', 'setInterval', (source, [run, delayMs, ...args]) =>
    new VirtualTimer(source, 'setInterval', wholeDelayMs(delayMs), bind(run, args), true))
  replaceMethod(target, 'setImmediate', 'setImmediate', (source, [run, ...args]) =>
    new VirtualTimer(source, 'setImmediate', 0, bind(run, args), false))
  replaceMethod(target, 'queueMicrotask', 'queueMicrotask', (source, [run]) => {
    new VirtualTimer(source, 'queueMicrotask', 0, bind(run, []), false)
  })
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) clearing(target, name)
}

/** Clearing is not refused to anyone and works across the border: a virtual timer may be cleared after the run. */
function clearing(target: object, name: string): void {
  const real: unknown = Reflect.get(target, name)
  if (typeof real !== 'function') return
  const clear = (handle: unknown): void => {
    if (handle instanceof VirtualTimer) handle.close()
    else Reflect.apply(real, target, [handle])
  }
  Object.defineProperties(clear, Object.getOwnPropertyDescriptors(real))
  Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value: clear })
}

/** Has the methods of Node's `Timeout` that libraries call. */
class VirtualTimer {
  readonly #source: AmbientSource
  readonly #name: string
  readonly #delayMs: number
  readonly #run: () => void
  readonly #repeats: boolean
  #cancel: (() => void) | null = null

  constructor(source: AmbientSource, name: string, delayMs: number, run: () => void, repeats: boolean) {
    this.#source = source
    this.#name = name
    this.#delayMs = delayMs
    this.#run = run
    this.#repeats = repeats
    this.#arm()
  }

  ref(): this { return this }
  unref(): this { return this }
  hasRef(): boolean { return this.#cancel !== null }
  refresh(): this {
    this.close()
    this.#arm()
    return this
  }
  close(): this {
    this.#cancel?.()
    this.#cancel = null
    return this
  }

  #arm(): void {
    if (this.#source.setTimer === undefined) {
      throw new Error(`${this.#name} was called during a run by a library, on a host that offers it no timers`)
    }
    this.#cancel = this.#source.setTimer(this.#delayMs, () => {
      this.#cancel = null
      // Armed before it runs, so that a callback which clears its interval ends it.
      if (this.#repeats) this.#arm()
      this.#run()
    })
  }
}

function bind(run: unknown, args: readonly unknown[]): () => void {
  if (typeof run !== 'function') throw new TypeError(`a timer needs a function to call, got ${typeof run}`)
  return () => { (run as Callback)(...args) }
}

function wholeDelayMs(delayMs: unknown): number {
  const wanted = Math.trunc(Number(delayMs))
  return wanted >= 1 && wanted <= DELAY_MS_MAX ? wanted : 1
}
