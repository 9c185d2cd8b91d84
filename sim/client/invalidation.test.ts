import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentId, RequestResult, Version } from '../contract.ts'
import { Invalidation, STALE_ANSWERS_MAX, type InvalidationConfig, type RefetchObservation } from './invalidation.ts'

const CONFIG: InvalidationConfig = {
  invalidation: 'debounced', debounceUs: 300, maxWaitUs: 5_000,
  retry: { initialUs: 100, multiplier: 2, capUs: 1_000, jitter: 0 },
}

/** A device whose replica's gate compares with what was delivered, and whose fetches are answered when told. */
class Device {
  nowUs = 0
  timers: { atUs: number; run: () => void }[] = []
  fetches: { document: DocumentId; startedAtUs: number; done: (result: RequestResult) => void }[] = []
  readonly started: { document: DocumentId; atUs: number }[] = []
  readonly delivered: { document: DocumentId; version: Version | null; body: Uint8Array }[] = []
  readonly observed: RefetchObservation[] = []
  readonly shown = new Map<DocumentId, Version>()
  readonly gated: Version[] = []
  readonly part: Invalidation

  constructor(config: Partial<InvalidationConfig> = {}) {
    this.part = new Invalidation({ ...CONFIG, ...config }, {
      nowUs: () => this.nowUs,
      timer: (delayUs, run) => {
        const timer = { atUs: this.nowUs + delayUs, run }
        this.timers.push(timer)
        return () => { this.timers = this.timers.filter((one) => one !== timer) }
      },
      random: () => 0.5,
      fetch: (document, done) => {
        const fetch = { document, startedAtUs: this.nowUs, done }
        this.started.push({ document, atUs: this.nowUs })
        this.fetches.push(fetch)
        return () => { this.fetches = this.fetches.filter((one) => one !== fetch) }
      },
      deliver: (document, body, version) => {
        this.delivered.push({ document, version, body })
        if (version !== null) this.shown.set(document, Math.max(version, this.shown.get(document) ?? -1))
      },
      signalled: (document, version) => {
        this.gated.push(version)
        if (version > (this.shown.get(document) ?? 0)) this.part.invalidate(document, version)
      },
      observed: (refetch) => { this.observed.push(refetch) },
    })
  }

  advance(us: number): void {
    const untilUs = this.nowUs + us
    for (;;) {
      const next = this.timers.filter(({ atUs }) => atUs <= untilUs).sort((a, b) => a.atUs - b.atUs)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((one) => one !== next)
      this.nowUs = next.atUs
      next.run()
    }
    this.nowUs = untilUs
  }

  /** Answers fetch `index` of those in flight. */
  answer(result: Version | 'unversioned' | 'network' | 503, index = 0): void {
    const [fetch] = this.fetches.splice(index, 1)
    if (fetch === undefined) throw new Error('no fetch in flight')
    if (result === 'network') fetch.done({ failed: 'network' })
    else if (result === 503) fetch.done({ status: 503, body: new Uint8Array() })
    else if (result === 'unversioned') fetch.done({ status: 200, body: new Uint8Array() })
    else fetch.done({ status: 200, body: Uint8Array.of(result % 256), version: result })
  }

  load(document: DocumentId, version: Version): void {
    this.part.invalidate(document, 0, { initial: true })
    this.answer(version)
    this.started.length = 0
  }

  get versions(): (Version | null)[] { return this.delivered.map(({ version }) => version) }
}

describe('invalidation, debounced', () => {
  it('F01: 200 events in 2 s make one refetch, which starts after the last event', () => {
    const device = new Device({ debounceUs: 300_000, maxWaitUs: 5_000_000 })
    device.load('doc', 0)
    for (let version = 1; version <= 200; version++) {
      device.advance(10_000)
      device.part.signal('doc', version)
    }
    const lastEventAtUs = device.nowUs
    device.advance(10_000_000)
    expect(device.started).toEqual([{ document: 'doc', atUs: lastEventAtUs + 300_000 }])
    device.answer(200)
    device.advance(10_000_000)
    expect([device.started.length, device.versions, device.timers]).toEqual([1, [0, 200], []])
  })

  it('F03, T67: a stream without a pause is fetched every maxWait, and no more often', () => {
    const device = new Device({ debounceUs: 300_000, maxWaitUs: 1_000_000 })
    device.load('doc', 0)
    let worstUs = 0
    let firstUnseenAtUs: number | null = null
    for (let version = 1; version <= 6_000; version++) {
      device.advance(10_000)
      firstUnseenAtUs ??= device.nowUs
      device.part.signal('doc', version)
      if (device.fetches.length > 0) {
        worstUs = Math.max(worstUs, device.nowUs - firstUnseenAtUs)
        firstUnseenAtUs = null
        device.answer(version)
      }
    }
    device.advance(2_000_000)
    expect(device.started.length).toBeGreaterThanOrEqual(59)
    expect(device.started.length).toBeLessThanOrEqual(61)
    expect(worstUs).toBeLessThanOrEqual(1_010_000)
  })

  it('F04, T68: the debounce is per document: every invalidated document is fetched', () => {
    const device = new Device()
    for (const document of ['a', 'b', 'c']) {
      device.part.signal(document, 1)
      device.advance(100)
    }
    device.advance(300)
    expect(device.started).toEqual([{ document: 'a', atUs: 300 }, { document: 'b', atUs: 400 }, { document: 'c', atUs: 500 }])
  })

  it('F05: an event during a refetch causes another, and never a second at the same time', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.advance(300)
    device.part.signal('doc', 2)
    device.advance(1_000)
    expect([device.fetches.length, device.started.length]).toEqual([1, 1])
    device.answer(1)
    expect([device.fetches.length, device.started.length]).toEqual([1, 2])
    device.answer(2)
    device.advance(10_000)
    expect([device.versions, device.started.length]).toEqual([[0, 1, 2], 2])
  })

  it('F05: an event whose debounce outlasts the refetch still gets its own', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.advance(300)
    device.part.signal('doc', 2)
    device.answer(1)
    expect(device.started.length).toBe(1)
    device.advance(300)
    expect(device.started.map(({ atUs }) => atUs)).toEqual([300, 600])
  })

  it('F05: an event during a refetch that the answer already shows causes none', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.advance(300)
    device.part.signal('doc', 2)
    device.answer(2)
    device.advance(10_000)
    expect([device.versions, device.started.length, device.timers]).toEqual([[0, 2], 1, []])
  })

  it('C05: a signal goes through the replica\'s gate and nowhere else', () => {
    const device = new Device()
    device.load('doc', 5)
    for (const version of [4, 5, 3]) device.part.signal('doc', version)
    device.advance(10_000)
    expect([device.gated, device.started]).toEqual([[4, 5, 3], []])
  })

  it('C07, T63: an answer older than the signal is shown and fetched again, with growing pauses', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 5)
    device.advance(300)
    for (const version of [3, 3, 4, 5]) {
      device.answer(version)
      device.advance(5_000)
    }
    expect(device.versions).toEqual([0, 3, 3, 4, 5])
    expect(device.started.map(({ atUs }) => atUs)).toEqual([300, 400, 5_500, 10_700])
    expect(device.part.pending()).toEqual([])
  })

  it('C07: re-refetches are bounded; the next event or connection tries again', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 5)
    device.advance(300)
    for (let answers = 0; device.fetches.length > 0; answers++) {
      expect(answers).toBeLessThanOrEqual(STALE_ANSWERS_MAX)
      device.answer(4)
      device.advance(2_000)
    }
    expect(device.started.length).toBe(STALE_ANSWERS_MAX + 1)
    expect(device.part.pending()).toEqual(['doc'])
    device.part.connected()
    device.answer(5)
    expect([device.versions.at(-1), device.part.pending()]).toEqual([5, []])
  })

  it('C07: an answer that is fresh starts the count of stale ones over', () => {
    const device = new Device()
    device.load('doc', 0)
    for (const version of [1, 2]) {
      device.part.signal('doc', version)
      device.advance(300)
      for (let stale = 0; stale < STALE_ANSWERS_MAX; stale++) {
        device.answer(version - 1)
        device.advance(2_000)
      }
      device.answer(version)
    }
    expect([device.versions.at(-1), device.part.pending()]).toEqual([2, []])
  })

  it('a failed fetch is tried again with growing pauses, and at once when connected', () => {
    const device = new Device()
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.advance(300)
    device.answer('network')
    device.advance(100)
    device.answer(503)
    device.advance(199)
    expect(device.started.length).toBe(2)
    device.part.connected()
    expect([device.started.length, device.timers]).toEqual([3, []])
    device.answer(1)
    expect(device.observed.map(({ result, version }) => [result, version]))
      .toEqual([['fetched', 0], ['failed', null], ['failed', null], ['fetched', 1]])
  })

  it('T61: when the last signal was lost, a reconnect brings every open document up to date', () => {
    const device = new Device()
    device.load('a', 1)
    device.load('b', 1)
    device.started.length = 0
    device.part.reconnected()
    device.advance(300)
    expect(device.started.map(({ document }) => document)).toEqual(['a', 'b'])
    device.answer(2)
    device.answer(1)
    device.advance(10_000)
    expect([device.versions, device.timers]).toEqual([[1, 1, 2, 1], []])
  })

  it('T61: a revalidation is not satisfied by a fetch that had begun before it', () => {
    const device = new Device()
    device.load('doc', 1)
    device.part.signal('doc', 2)
    device.advance(300)
    device.part.reconnected()
    device.answer(2)
    device.advance(300)
    expect(device.started.length).toBe(2)
  })

  it('a revalidation that fails is not forgotten', () => {
    const device = new Device()
    device.load('doc', 1)
    device.part.invalidate('doc', 1)
    device.advance(300)
    device.answer('network')
    device.advance(100)
    device.answer(3)
    expect([device.versions, device.timers]).toEqual([[1, 3], []])
  })

  it('the first load starts at once and is initial until it succeeds', () => {
    const device = new Device()
    device.part.invalidate('doc', 0, { initial: true })
    expect(device.started).toEqual([{ document: 'doc', atUs: 0 }])
    device.advance(40)
    device.answer('network')
    device.advance(100)
    device.answer(0)
    device.part.signal('doc', 1)
    device.advance(310)
    device.answer(1)
    expect(device.observed).toEqual([
      { document: 'doc', startedAtUs: 0, endedAtUs: 40, initial: true, result: 'failed', version: null },
      { document: 'doc', startedAtUs: 140, endedAtUs: 140, initial: true, result: 'fetched', version: 0 },
      { document: 'doc', startedAtUs: 440, endedAtUs: 450, initial: false, result: 'fetched', version: 1 },
    ])
  })

  it('takes an answer without a version as showing what was wanted when it was asked for', () => {
    const device = new Device()
    device.part.invalidate('doc', 1)
    device.advance(300)
    device.part.invalidate('doc', 2)
    device.answer('unversioned')
    expect([device.versions, device.timers.length]).toEqual([[null], 1])
    device.advance(300)
    device.answer('unversioned')
    expect([device.part.pending(), device.timers]).toEqual([[], []])
  })

  it('R5: a stopped part fetches nothing and calls nobody back', () => {
    const device = new Device()
    device.part.invalidate('doc', 0, { initial: true })
    const late = device.fetches[0]
    device.part.invalidate('other', 1)
    device.part.stop()
    late?.done({ status: 200, body: new Uint8Array(), version: 1 })
    device.part.signal('doc', 9)
    device.part.reconnected()
    device.part.connected()
    device.advance(10_000)
    expect([device.fetches, device.started.length, device.delivered, device.gated]).toEqual([[], 1, [], []])
  })
})

describe('invalidation, immediate', () => {
  const immediate = { invalidation: 'immediate' } as const

  it('F02: every signal refetches at once: no gate, no coalescing', () => {
    const device = new Device(immediate)
    device.load('doc', 200)
    for (let version = 1; version <= 200; version++) device.part.signal('doc', version)
    expect([device.started.length, device.fetches.length, device.gated]).toEqual([200, 200, []])
    while (device.fetches.length > 0) device.answer(200)
    device.advance(10_000)
    expect(device.started.length).toBe(200)
  })

  it('T64: an older answer never replaces a newer one', () => {
    const device = new Device(immediate)
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.part.signal('doc', 2)
    device.answer(2, 1)
    device.answer(1, 0)
    device.advance(10_000)
    expect([device.versions, device.started.length]).toEqual([[0, 2], 2])
  })

  it('tries again when the last of its fetches failed and left it behind', () => {
    const device = new Device(immediate)
    device.load('doc', 0)
    device.part.signal('doc', 1)
    device.part.signal('doc', 2)
    device.answer(1)
    device.answer('network')
    device.advance(100)
    device.answer(2)
    expect([device.versions, device.timers]).toEqual([[0, 1, 2], []])
  })
})

describe('invalidation, whatever happens', () => {
  it.each(['debounced', 'immediate'] as const)('F05, T64: %s ends fresh, never goes back, and is quiet then', (invalidation) => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), lost: fc.boolean() }),
      fc.record({ do: fc.constant('signal' as const), pick: fc.nat(50) }),
      fc.record({ do: fc.constant('execute' as const), pick: fc.nat(50) }),
      fc.record({ do: fc.constant('answer' as const), pick: fc.nat(50), fails: fc.boolean() }),
      fc.record({ do: fc.constant('advance' as const), us: fc.nat(2_000) }),
      fc.record({ do: fc.constant('connected' as const) }),
    )
    fc.assert(fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const device = new Device({ invalidation })
      let server = 0
      const signals: Version[] = []
      /** What the server read for a fetch; before that, the fetch is still on its way there. */
      const read = new Map<object, Version>()
      const answer = (index: number, fails: boolean): void => {
        const fetch = device.fetches[index]
        if (fetch === undefined) return
        if (!read.has(fetch)) read.set(fetch, server)
        device.answer(fails ? 'network' : read.get(fetch) ?? 0, index)
      }
      device.part.invalidate('doc', 0, { initial: true })
      for (const one of steps) {
        const inFlight = device.fetches.length
        if (one.do === 'write') { server += 1; if (!one.lost) signals.push(server) }
        else if (one.do === 'signal') { for (const version of signals.splice(one.pick % (signals.length || 1), 1)) device.part.signal('doc', version) }
        else if (one.do === 'execute') { const fetch = device.fetches[one.pick % (inFlight || 1)]; if (fetch && !read.has(fetch)) read.set(fetch, server) }
        else if (one.do === 'answer') answer(one.pick % (inFlight || 1), one.fails)
        else if (one.do === 'advance') device.advance(one.us)
        else device.part.connected()
        if (invalidation === 'debounced') expect(device.fetches.length).toBeLessThanOrEqual(1)
      }
      for (const version of signals) device.part.signal('doc', version)
      device.part.reconnected()
      for (let round = 0; device.timers.length > 0 || device.fetches.length > 0; round++) {
        if (round > 500) throw new Error('does not become quiet')
        while (device.fetches.length > 0) answer(0, false)
        device.advance(1_000)
      }
      expect(device.versions.at(-1)).toBe(server)
      expect(device.versions).toEqual([...device.versions].sort((a, b) => (a ?? 0) - (b ?? 0)))
      expect(device.part.pending()).toEqual([])
    }), { numRuns: 300 })
  })
})
