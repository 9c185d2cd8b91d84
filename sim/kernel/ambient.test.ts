import { describe, expect, test, vi } from 'vitest'
import { installAmbient, withAmbient } from './ambient.ts'
import type { AmbientSource } from './ambient.ts'
import { callerInText, isOwnFile } from './own-code.ts'
import { Kernel } from './kernel.ts'

/** A function whose frames claim to come from a library. */
function library<T>(body: string, file = '/somewhere/node_modules/some-library/index.js'): () => T {
  return new Function(`${body}\n//# sourceURL=${file}`) as () => T
}

function source(start = 1_704_067_200_000, setTimer?: AmbientSource['setTimer']): AmbientSource {
  let draws = 0
  return { nowMs: () => start, monotonicMs: () => 12.5, random: () => (draws++ % 7) / 7, ...(setTimer && { setTimer }) }
}

installAmbient()

describe('ambient shims', () => {
  test('D3: installing again changes nothing', () => {
    const { Date: date, setTimeout: timer } = globalThis
    const { random } = Math
    expect(installAmbient()).toBe(false)
    expect([globalThis.Date, globalThis.setTimeout, Math.random]).toEqual([date, timer, random])
  })

  test('D3: during a run library code sees the host\'s clock', () => {
    const seen = withAmbient(source(), library<unknown[]>(
      'return [Date.now(), new Date().getTime(), +new Date(5), new Date(2020, 1).getFullYear(), typeof Date(), performance.now(), performance.timeOrigin]'))
    expect(seen).toEqual([1_704_067_200_000, 1_704_067_200_000, 5, 2020, 'string', 12.5, 1_704_067_200_000 - 12.5])
    expect(withAmbient(source(0), library<string>('return Date()'))).toBe(new Date(0).toString())
  })

  test('D3: during a run library code draws seeded randomness, the same for the same source', () => {
    const body = `return [Math.random(), Math.random(), [...crypto.getRandomValues(new Uint8Array(6))],
      [...crypto.getRandomValues(new Uint32Array(2))], crypto.randomUUID()]`
    const first = withAmbient(source(), library<unknown[]>(body))
    expect(withAmbient(source(), library<unknown[]>(body))).toEqual(first)
    expect(first[0]).toBe(0)
    expect(first[1]).toBe(1 / 7)
    expect(first[4]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(() => withAmbient(source(), library('crypto.getRandomValues(new Float64Array(1))'))).toThrow()
    expect(() => withAmbient(source(), library('crypto.getRandomValues(new Uint8Array(65537))'))).toThrow()
  })

  test('D3: a view is filled, and nothing around it', () => {
    const seen = withAmbient({ ...source(), random: () => 0.999 }, library<number[]>(
      'const all = new Uint8Array(8); crypto.getRandomValues(all.subarray(2, 5)); return [...all]'))
    expect(seen.map((byte) => byte !== 0)).toEqual([false, false, true, true, true, false, false, false])
  })

  test('D3: what a library captured at import is the shim', () => {
    const captured = library<() => unknown[]>(
      `const now = Date.now, random = Math.random, bytes = crypto.getRandomValues.bind(crypto), clock = performance.now.bind(performance)
       return () => [now(), random(), bytes(new Uint8Array(1))[0], clock()]`)()
    expect(withAmbient(source(77), captured)).toEqual([77, 0, Math.floor(2 ** 32 / 7) & 0xff, 12.5])
    expect(captured()[0]).toBeGreaterThan(1_704_067_200_000)
  })

  test.each([
    ['Date.now', () => Date.now()],
    ['Date', () => new Date()],
    ['Date', () => Date()],
    ['performance.now', () => performance.now()],
    ['Math.random', () => Math.random()],
    ['Math.random', () => Array.from({ length: 1 }, Math.random)],
    ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
    ['crypto.randomUUID', () => crypto.randomUUID()],
    ['setTimeout', () => setTimeout(() => undefined, 1)],
    ['setInterval', () => setInterval(() => undefined, 1)],
    ['setImmediate', () => setImmediate(() => undefined)],
    ['queueMicrotask', () => { queueMicrotask(() => undefined) }],
  ])('D3: %s called by our own code during a run throws and names the caller', (name, call) => {
    expect(() => withAmbient(source(0, () => () => undefined), call)).toThrow(
      new RegExp(`^${name.replace('.', '\\.')} was called during a run by .*sim/kernel/ambient\\.test\\.ts`))
  })

  test('D3: own code may make dates from arguments, and may use all of it outside a run', () => {
    expect(withAmbient(source(), () => new Date(5).getTime())).toBe(5)
    const before = Date.now()
    expect(before).toBeGreaterThan(1_704_067_200_000)
    expect(new Date().getTime()).toBeGreaterThanOrEqual(before)
    expect(typeof Math.random()).toBe('number')
    expect(crypto.randomUUID()).not.toBe(crypto.randomUUID())
  })

  test('D3: Date stays a Date', () => {
    const date = new Date(3)
    expect(date instanceof Date).toBe(true)
    expect(date.constructor).toBe(Date)
    expect([Date.name, Date.length, Date.UTC(1970, 0, 2), Date.parse('1970-01-01T00:00:00Z')]).toEqual(['Date', 7, 86_400_000, 0])
    class Later extends Date { isLater(): boolean { return true } }
    expect(new Later(4).isLater()).toBe(true)
    expect(new Later(4).getTime()).toBe(4)
    expect(Object.prototype.toString.call(date)).toBe('[object Date]')
  })

  test('D3: sources nest, and come back after a throw', () => {
    const now = library<number>('return Date.now()')
    withAmbient(source(1), () => {
      expect(now()).toBe(1)
      expect(() => withAmbient(source(2), () => { throw new Error(`at ${now()}`) })).toThrow('at 2')
      expect(now()).toBe(1)
    })
    expect(now()).toBeGreaterThan(2)
  })

  test('D3: any global object can be given, and one without crypto or timers is fine', () => {
    const other = { Date: class extends Date {}, Math: Object.create(Math) as Math, performance: { now: () => -1 } }
    expect(installAmbient(other)).toBe(true)
    expect(other.performance.now()).toBe(-1)
    const call = library<(clock: { now(): number }) => number>('return (clock) => clock.now()')()
    expect(withAmbient(source(), () => [call(other.performance), call(other.Date)])).toEqual([12.5, 1_704_067_200_000])
  })

  test('D3: a second copy of the module finds the shims installed and shares the source', async () => {
    vi.resetModules()
    const copy = await import('./ambient.ts')
    expect(copy.withAmbient).not.toBe(withAmbient)
    expect(copy.installAmbient()).toBe(false)
    expect(copy.withAmbient(source(7), library('return Date.now()'))).toBe(7)
  })
})

describe('ambient timers', () => {
  /** A host whose timers are the kernel's. */
  function host(kernel: Kernel): AmbientSource {
    const self: AmbientSource = source(0, (delayMs, run) => {
      const timer = kernel.after(delayMs * 1000, () => { withAmbient(self, run) })
      return () => { kernel.cancel(timer) }
    })
    return { ...self, nowMs: () => kernel.nowUs / 1000 }
  }
  const run = (body: string): unknown[] => {
    const kernel = new Kernel()
    const seen: unknown[] = []
    const self = host(kernel)
    Object.assign(globalThis, { seen, nowMs: () => kernel.nowUs / 1000 })
    withAmbient(self, library(body))
    kernel.run({ maxEvents: 50 })
    return seen
  }

  test('D3: a library\'s timers run in virtual time, with their arguments', () => {
    expect(run(`setTimeout((a, b) => seen.push([a, b, nowMs()]), 20, 'x', 'y')
      setTimeout(() => seen.push(['early', nowMs()]), 10)
      setImmediate((a) => seen.push([a, nowMs()]), 'soon')
      queueMicrotask(() => seen.push(['micro', nowMs()]))
      setTimeout(() => seen.push(['least', nowMs()]))`,
    )).toEqual([['soon', 0], ['micro', 0], ['least', 1], ['early', 10], ['x', 'y', 20]])
  })

  test('D3: intervals repeat until they are cleared, from inside too; clearing and refreshing work', () => {
    expect(run(`let n = 0
      const every = setInterval(() => { seen.push(nowMs()); if (++n === 3) clearInterval(every) }, 5).unref()
      clearTimeout(setTimeout(() => seen.push('never'), 1))
      const late = setTimeout(() => seen.push('late'), 7)
      setTimeout(() => late.refresh(), 6)`,
    )).toEqual([5, 10, 'late', 15])
  })

  test('D3: on a host without timers a library\'s timer is an error; so is one without a function', () => {
    expect(() => withAmbient(source(), library('setTimeout(() => {}, 1)'))).toThrow(/setTimeout .* no timers/)
    expect(() => withAmbient(source(0, () => () => undefined), library('setTimeout("text", 1)'))).toThrow(TypeError)
  })

  test('D3: outside a run timers are the real ones', async () => {
    const order: string[] = []
    const cleared = setTimeout(() => order.push('cleared'), 0)
    clearTimeout(cleared)
    await new Promise<void>((resolve) => setImmediate(() => { order.push('immediate'); resolve() }))
    await new Promise<void>((resolve) => { queueMicrotask(() => { order.push('micro'); resolve() }) })
    expect(order).toEqual(['immediate', 'micro'])
  })
})

describe('own code', () => {
  const root = import.meta.url.replace(/sim\/kernel\/.*$/, '')
  test.each([
    ['sim/run.ts', true], ['strategies/lww-server/index.ts', true], ['properties/a.ts', true],
    ['cli/main.ts', false], ['bench/kernel.ts', false], ['node_modules/yjs/sim/x.js', false],
    ['strategies/node_modules/yjs/x.js', false], ['node_modules/x/strategies/y.js', false],
  ])('D3: %s is own: %s, as URL and as path', (path, own) => {
    expect(isOwnFile(`${root}${path}`)).toBe(own)
    expect(isOwnFile(`${root}${path}`.replace('file://', ''))).toBe(own)
  })

  test('D3: code elsewhere with folders of the same names is not own', () => {
    expect(isOwnFile('/elsewhere/sim/run.ts')).toBe(false)
    expect(isOwnFile('node:internal/timers')).toBe(false)
  })

  test('D3: where there are no call sites the caller is read from the stack\'s text', () => {
    expect(callerInText('Error\n    at shim (file:///x/sim/kernel/ambient-shim.ts:1:2)\n    at f (file:///x/sim/run.ts:3:4)')?.file).toBe('file:///x/sim/run.ts')
    expect(callerInText('shim@https://x/sim/kernel/ambient-date.js:1:2\nf@https://x/lib.js:3:4')?.file).toBe('https://x/lib.js')
    expect(callerInText('')).toBeNull()
  })
})
