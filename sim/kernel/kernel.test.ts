import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Kernel } from './kernel.ts'
import type { RunEnd, RunLimit, Timer } from './kernel.ts'

/** What the kernel must do, said as plainly as possible: a list sorted by (time, order of scheduling). */
class ModelKernel {
  nowUs = 0
  handled = 0
  #sequence = 0
  #events: { readonly atUs: number; readonly sequence: number; readonly run: () => void }[] = []
  #stopped = false

  get pending(): number { return this.#events.length }
  after(delayUs: number, run: () => void): Timer { return this.at(this.nowUs + delayUs, run) }
  at(atUs: number, run: () => void): Timer {
    this.#events.push({ atUs, sequence: ++this.#sequence, run })
    this.#events.sort((a, b) => a.atUs - b.atUs || a.sequence - b.sequence)
    return this.#sequence
  }
  cancel(timer: Timer): boolean {
    const before = this.#events.length
    this.#events = this.#events.filter((event) => event.sequence !== timer)
    return this.#events.length < before
  }
  stop(): void { this.#stopped = true }
  run({ untilUs = Infinity, maxEvents = Infinity }: RunLimit = {}): RunEnd {
    this.#stopped = false
    for (let budget = maxEvents; ; budget--) {
      if (this.#stopped) return 'stopped'
      const next = this.#events.at(0)
      if (next === undefined) return 'drained'
      if (budget <= 0) return 'events'
      if (next.atUs > untilUs) {
        this.nowUs = untilUs
        return 'until'
      }
      this.#events.shift()
      this.nowUs = next.atUs
      this.handled++
      next.run()
    }
  }
}

const HOUR_US = 3_600_000_000
/** Around the wheel's own boundaries, the sizes that matter to users, and everything between. */
const delays = fc.oneof(
  fc.constantFrom(0, 0, 1, 2, 1_023, 1_024, 1_025, 2 ** 20 - 1, 2 ** 20, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 40, 2 ** 40 + 2 ** 30, 2 ** 50),
  fc.constantFrom(1_000, 10_000, 1_000_000, 24 * HOUR_US, 365 * 24 * HOUR_US),
  fc.nat({ max: 20 }), fc.nat({ max: 5_000 }), fc.nat({ max: 3_000_000 }), fc.nat({ max: 100 * HOUR_US }),
)

type Step =
  | { readonly step: 'after'; readonly delayUs: number; readonly then: readonly Step[] }
  | { readonly step: 'cancel'; readonly which: number }
  | { readonly step: 'stop' }
  | { readonly step: 'throw' }
type Command = Step | { readonly step: 'run'; readonly untilUs: number | null; readonly maxEvents: number | null }

/** What an event does when it is handled: the steps inside it, which may hold events again. */
const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 3 },
    { weight: 5, arbitrary: fc.record({ step: fc.constant('after' as const), delayUs: delays, then: fc.constant([]) }) },
    { weight: 3, arbitrary: fc.record({ step: fc.constant('after' as const), delayUs: delays, then: fc.array(tie('step'), { maxLength: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ step: fc.constant('cancel' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom('stop' as const, 'throw' as const) }) },
  ),
}))
const commands = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: step },
    { weight: 2, arbitrary: fc.record({
      step: fc.constant('run' as const), untilUs: fc.option(delays, { freq: 2 }), maxEvents: fc.option(fc.nat({ max: 12 }), { freq: 2 }),
    }) },
  ),
  { maxLength: 60 },
)

/** Everything that can be seen from outside while the commands run. */
function observe(kernel: Kernel | ModelKernel, script: readonly Command[]): unknown[] {
  const seen: unknown[] = []
  const timers: Timer[] = []
  const state = (): unknown[] => [kernel.nowUs, kernel.pending, kernel.handled]
  const perform = (command: Command): void => {
    switch (command.step) {
      case 'after': {
        const name = timers.length
        timers.push(kernel.after(command.delayUs, () => {
          seen.push(['event', name, ...state()])
          command.then.forEach(perform)
        }))
        break
      }
      case 'cancel':
        if (timers.length > 0) seen.push(['cancel', kernel.cancel(timers[command.which % timers.length]), ...state()])
        break
      case 'stop':
        kernel.stop()
        break
      case 'throw':
        throw new Error('planned')
      case 'run': {
        const untilUs = command.untilUs === null ? undefined : kernel.nowUs + command.untilUs
        const limit = { untilUs, ...(command.maxEvents === null ? {} : { maxEvents: command.maxEvents }) }
        seen.push(['ran', kernel.run(limit), ...state()])
      }
    }
  }
  for (const command of [...script, { step: 'run', untilUs: null, maxEvents: null } as const]) {
    try {
      perform(command)
    } catch (error) {
      seen.push(['threw', (error as Error).message, ...state()])
    }
  }
  return seen
}

describe('Kernel', () => {
  test.prop([commands], { numRuns: 1_500 })(
    'D2: agrees with a sorted list on ties, cancels, re-entrancy, zero delays, far jumps, limits and throws', (script) => {
      expect(observe(new Kernel(), script)).toEqual(observe(new ModelKernel(), script))
    })

  test.prop([fc.array(delays, { minLength: 1, maxLength: 30 }), fc.integer({ min: 2, max: 5 })])(
    'D2: events of one time run in the order of scheduling, however far ahead they were scheduled', (steps, copies) => {
      const kernel = new Kernel()
      const target = steps.reduce((sum, delay) => sum + delay, 0)
      fc.pre(target <= Number.MAX_SAFE_INTEGER)
      const order: number[] = []
      let scheduled = 0
      const schedule = (): void => {
        for (let copy = 0; copy < copies; copy++) {
          const name = scheduled++
          kernel.at(target, () => order.push(name))
        }
      }
      // The same moment, scheduled from nearer and nearer: through every level of the wheel.
      const approach = (at: number): void => {
        schedule()
        if (at < steps.length) kernel.after(steps[at], () => { approach(at + 1) })
      }
      approach(0)
      expect(kernel.run()).toBe('drained')
      expect(order).toEqual(Array.from({ length: scheduled }, (_, name) => name))
      expect(kernel.nowUs).toBe(target)
    })

  test('D2: reaches the largest safe time, and nothing can be scheduled beyond it', () => {
    const kernel = new Kernel()
    const seen: number[] = []
    kernel.at(Number.MAX_SAFE_INTEGER, () => seen.push(kernel.nowUs))
    kernel.at(Number.MAX_SAFE_INTEGER - 1, () => seen.push(kernel.nowUs))
    kernel.after(0, () => seen.push(kernel.nowUs))
    expect(kernel.run()).toBe('drained')
    expect(seen).toEqual([0, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER])
    expect(() => kernel.after(1, () => undefined)).toThrow(RangeError)
    expect(kernel.after(0, () => undefined)).not.toBe(0)
  })

  test.each([-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53])('D2: a delay of %d is refused with the number in the message', (delayUs) => {
    const kernel = new Kernel()
    expect(() => kernel.after(delayUs, () => undefined)).toThrow(new RangeError(
      `delayUs must be a whole number of microseconds, at least 0, got ${delayUs} (now: 0)`))
    expect(() => kernel.at(delayUs, () => undefined)).toThrow(/atUs must be a whole number of microseconds, not before now \(0\)/)
    expect(kernel.pending).toBe(0)
  })

  test('D2: the past is refused, the present is not', () => {
    const kernel = new Kernel()
    kernel.at(10, () => {
      expect(() => kernel.at(9, () => undefined)).toThrow(RangeError)
      kernel.at(10, () => undefined)
    })
    expect(kernel.run()).toBe('drained')
    expect(kernel.handled).toBe(2)
    expect(() => kernel.run({ untilUs: 9 })).toThrow(/untilUs must not be before now \(10\)/)
    expect(() => kernel.run({ untilUs: 10.5 })).toThrow(/untilUs must be a whole number/)
    expect(() => kernel.run({ untilUs: NaN })).toThrow(RangeError)
    expect(() => kernel.run({ maxEvents: -1 })).toThrow(/maxEvents/)
  })

  test('D2: after untilUs, what is scheduled between it and the next event comes first', () => {
    const kernel = new Kernel()
    const order: string[] = []
    kernel.at(2 ** 31 + 700, () => order.push('far'))
    for (const untilUs of [5, 1_500, 2 ** 20 + 1, 2 ** 31 + 600]) {
      expect(kernel.run({ untilUs })).toBe('until')
      expect(kernel.nowUs).toBe(untilUs)
      kernel.after(3, () => order.push(`near ${kernel.nowUs}`))
    }
    expect(kernel.run({ untilUs: 2 ** 31 + 700 })).toBe('drained')
    expect(order).toEqual(['near 8', 'near 1503', `near ${2 ** 20 + 4}`, `near ${2 ** 31 + 603}`, 'far'])
  })

  test('D2: run inside an event is refused, and the outer run goes on', () => {
    const kernel = new Kernel()
    let message = ''
    kernel.after(1, () => {
      try { kernel.run() } catch (error) { message = (error as Error).message }
    })
    kernel.after(2, () => undefined)
    expect(kernel.run()).toBe('drained')
    expect(message).toMatch(/inside an event/)
    expect(kernel.handled).toBe(2)
  })

  test('D2: an event budget ends a run that would not end by itself, and can be topped up', () => {
    const kernel = new Kernel()
    const again = (): void => { kernel.after(0, again) }
    again()
    expect([kernel.run({ maxEvents: 1_000 }), kernel.handled, kernel.nowUs]).toEqual(['events', 1_000, 0])
    expect([kernel.run({ maxEvents: 0 }), kernel.handled]).toEqual(['events', 1_000])
    expect([kernel.run({ maxEvents: 1 }), kernel.handled, kernel.pending]).toEqual(['events', 1_001, 1])
  })

  test.prop([fc.double(), fc.constantFrom(0, -1, NaN, Infinity, 2 ** 28, 1.5)])('D2: what never was a timer cancels nothing', (number, odd) => {
    const kernel = new Kernel()
    kernel.after(5, () => undefined)
    fc.pre(number !== kernel.after(6, () => undefined))
    expect([kernel.cancel(odd), kernel.pending]).toEqual([false, 2])
    expect([kernel.cancel(number - Math.floor(number)), kernel.pending]).toEqual([false, 2])
  })

  test('D2: handles are never 0, differ for all pending events, and are stale once used, also when the memory is reused', () => {
    const kernel = new Kernel()
    const used: Timer[] = []
    for (let round = 0; round < 200; round++) {
      const timers = Array.from({ length: 20 }, (_, at) => kernel.after(at, () => undefined))
      expect(new Set([...used, ...timers]).size).toBe(used.length + timers.length)
      expect(kernel.cancel(timers[3])).toBe(true)
      expect(kernel.cancel(timers[3])).toBe(false)
      expect(kernel.run()).toBe('drained')
      used.push(...timers)
      kernel.after(0, () => undefined)
      expect(used.some((timer) => timer === 0 || kernel.cancel(timer))).toBe(false)
    }
    expect(kernel.handled).toBe(200 * 20 - 1)
  })

  test('D2: grows to many pending events and handles them in order', () => {
    const kernel = new Kernel()
    let previous = -1
    let sorted = true
    for (let at = 0; at < 100_000; at++) {
      kernel.after((at * 7_919_999) % 50_000_017, () => {
        sorted &&= kernel.nowUs >= previous
        previous = kernel.nowUs
      })
    }
    expect(kernel.pending).toBe(100_000)
    expect(kernel.run()).toBe('drained')
    expect([sorted, kernel.handled, kernel.pending]).toEqual([true, 100_000, 0])
  })
})

describe('Kernel.next', () => {
  test('runs behind the handler and before whatever else is scheduled for that moment, in order, and is no event of its own', () => {
    const kernel = new Kernel()
    const log: string[] = []
    kernel.at(5, () => {
      kernel.next(() => {
        log.push(`next 1 @${kernel.nowUs}`)
        kernel.next(() => log.push('next 3'))
      })
      kernel.next(() => log.push('next 2'))
      log.push('handler')
    })
    kernel.at(5, () => log.push('other'))
    kernel.run()
    expect([log, kernel.handled]).toEqual([['handler', 'next 1 @5', 'next 2', 'next 3', 'other'], 2])
    expect(() => kernel.next(() => undefined)).toThrow('outside an event')
  })
})
