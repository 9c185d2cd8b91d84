import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DurableRequest, EditHandle, Request, RequestResult, Response, Writes } from '../contract.ts'
import { Outbox, type DiskProblem } from './outbox.ts'

const retry = { initialUs: 100, multiplier: 2, capUs: 1_000, jitter: 0 }
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const post = (body: string): Request =>
  ({ method: 'POST', path: '/documents/doc', document: 'doc', body: new TextEncoder().encode(body) })
const answer = (status: number): Response => ({ status, body: new Uint8Array() })

/** A device around an outbox: a disk that syncs when told, sendings that are answered when told. */
class Device {
  stored = new Map<string, Uint8Array>()
  writes: { batch: Writes; synced: (problem?: DiskProblem) => void }[] = []
  sending: { request: Request; done: (result: RequestResult) => void } | null = null
  readonly sent: string[] = []
  readonly keys: string[] = []
  readonly answered: string[] = []
  readonly refused: string[] = []
  timers: { delayUs: number; run: () => void }[] = []
  incarnation = 0
  outbox: Outbox

  constructor() { this.outbox = this.boot() }

  boot(): Outbox {
    this.outbox?.stop()
    this.incarnation += 1
    this.writes = []
    this.timers = []
    this.sending = null
    const boot = new Map([...this.stored].sort(([a], [b]) => (a < b ? -1 : 1)))
    this.outbox = new Outbox({ device: 'a', incarnation: this.incarnation, requestTimeoutUs: 5_000, retry }, {
      disk: { boot, write: (batch, synced) => { this.writes.push({ batch, synced }) } },
      timer: (delayUs, run) => {
        const timer = { delayUs, run }
        this.timers.push(timer)
        return () => { this.timers = this.timers.filter((one) => one !== timer) }
      },
      random: () => 0.5,
      send: (request, timeoutUs, done) => {
        expect(timeoutUs).toBe(5_000)
        expect(this.sending, 'one in flight').toBeNull()
        this.sent.push(text(request.body))
        this.keys.push(request.idempotencyKey ?? '')
        this.sending = { request, done }
        return () => { this.sending = null }
      },
      answered: ({ handle }, response, recovered) => {
        this.answered.push(`${handle} ${response.status}${recovered ? ' recovered' : ''}`)
      },
      refused: ({ handle }, problem) => { this.refused.push(`${handle} ${problem}`) },
    })
    this.outbox.start()
    return this.outbox
  }

  enqueue(name: string): DurableRequest { return this.outbox.enqueue(post(name), `handle ${name}` as EditHandle) }

  sync(problem?: DiskProblem): void {
    const write = this.writes.shift()
    if (write === undefined) throw new Error('nothing to sync')
    if (problem === undefined) {
      for (const [key, bytes] of write.batch) {
        if (bytes === null) this.stored.delete(key)
        else this.stored.set(key, bytes)
      }
    }
    write.synced(problem)
  }

  reply(result: RequestResult): void {
    const sending = this.sending
    if (sending === null) throw new Error('nothing in flight')
    this.sending = null
    sending.done(result)
  }

  fire(): number {
    const timer = this.timers.shift()
    if (timer === undefined) throw new Error('no timer')
    timer.run()
    return timer.delayUs
  }
}

describe('outbox', () => {
  it('I01: sends nothing before its record is on disk, then in order, one in flight', () => {
    const device = new Device()
    device.enqueue('1')
    device.enqueue('2')
    expect(device.sent).toEqual([])
    device.sync()
    expect(device.sent).toEqual(['1'])
    expect([...device.stored.keys()]).toEqual(['outbox/0000000000000001'])
    device.sync()
    expect([device.sent, device.outbox.depth]).toEqual([['1'], 2])
    device.reply(answer(200))
    expect(device.sent).toEqual(['1', '2'])
  })

  it('hands an answer on once the record is gone from disk, so that it can never come twice', () => {
    const device = new Device()
    device.enqueue('1')
    device.sync()
    device.reply(answer(201))
    expect([device.answered, device.outbox.depth]).toEqual([[], 0])
    device.sync()
    expect([device.answered, device.stored.size]).toEqual([['handle 1 201'], 0])
    device.boot()
    expect([device.sent, device.outbox.recovered]).toEqual([['1'], []])
  })

  it('C10: the key is stable across retries of an intent and differs between equal intents', () => {
    const device = new Device()
    device.enqueue('same')
    device.enqueue('same')
    device.sync()
    device.sync()
    device.reply({ failed: 'timeout' })
    device.fire()
    device.reply({ failed: 'network' })
    device.fire()
    device.reply(answer(200))
    expect(device.keys).toEqual(['a/1/1', 'a/1/1', 'a/1/1', 'a/1/2'])
  })

  it('retries timeouts, broken connections and 5xx with growing delays, and starts over after an answer', () => {
    const device = new Device()
    device.enqueue('1')
    device.enqueue('2')
    device.sync()
    device.sync()
    const delays = [{ failed: 'timeout' } as const, answer(503), { failed: 'network' } as const, answer(500)].map((result) => {
      device.reply(result)
      expect(device.sending).toBeNull()
      return device.fire()
    })
    expect(delays).toEqual([100, 200, 400, 800])
    device.reply(answer(200))
    device.reply(answer(503))
    expect(device.fire()).toBe(100)
    device.sync()
    expect(device.answered).toEqual(['handle 1 200'])
  })

  it('T91: sends again at once when connected, without waiting for the backoff or leaving its timer behind', () => {
    const device = new Device()
    device.enqueue('1')
    device.sync()
    device.reply({ failed: 'network' })
    device.outbox.connected()
    expect([device.sent, device.timers]).toEqual([['1', '1'], []])
    device.outbox.connected()
    expect(device.sent).toEqual(['1', '1'])
  })

  it.each([400, 409, 413, 499])('T84: %d is an answer, and does not block what stands behind it', (status) => {
    const device = new Device()
    device.enqueue('poison')
    device.enqueue('2')
    device.sync()
    device.sync()
    device.reply(answer(status))
    expect(device.sent).toEqual(['poison', '2'])
    device.reply(answer(200))
    device.sync()
    device.sync()
    expect(device.answered).toEqual([`handle poison ${status}`, 'handle 2 200'])
  })

  it('D09, T42: what is enqueued while anything is awaited survives', () => {
    const device = new Device()
    device.enqueue('1')
    device.enqueue('during write')
    device.sync()
    device.enqueue('during send')
    device.reply({ failed: 'timeout' })
    device.enqueue('during backoff')
    device.outbox.connected()
    device.reply(answer(200))
    device.enqueue('during delete')
    while (device.writes.length > 0 || device.sending !== null) {
      if (device.writes.length > 0) device.sync()
      else device.reply(answer(200))
    }
    expect(device.answered).toEqual(['1', 'during write', 'during send', 'during backoff', 'during delete'].map((name) => `handle ${name} 200`))
  })

  it.each(['quota', 'io'] as const)('I04: a record that the disk refuses (%s) is reported, not sent, and blocks nobody', (problem) => {
    const device = new Device()
    device.enqueue('1')
    device.enqueue('2')
    device.sync(problem)
    device.sync()
    expect([device.refused, device.sent, device.outbox.depth]).toEqual([[`handle 1 ${problem}`], ['2'], 1])
  })

  it('I02: after a crash between the server\'s answer and the deletion, the old key is sent again', () => {
    const device = new Device()
    device.enqueue('1')
    device.enqueue('2')
    device.sync()
    device.sync()
    device.reply(answer(200))
    device.boot()
    expect(device.outbox.recovered.map(({ handle }) => handle)).toEqual(['handle 1', 'handle 2'])
    expect(device.keys).toEqual(['a/1/1', 'a/1/2', 'a/1/1'])
    const fresh = device.enqueue('3')
    expect(fresh.request.idempotencyKey).toBe('a/2/3')
    device.reply(answer(200))
    device.sync()
    device.sync()
    expect(device.answered).toEqual(['handle 1 200 recovered'])
  })

  it('keeps every part of the request in its record', () => {
    const device = new Device()
    const enqueued = device.outbox.enqueue(
      { method: 'POST', path: '/pfad/ü', document: 'größe', body: Uint8Array.of(0, 255) }, 'h\u0000' as EditHandle)
    device.sync()
    device.boot()
    expect(device.outbox.recovered).toEqual([enqueued])
    expect(device.outbox.pending()).toEqual([enqueued])
  })

  it('R7: copies the body, which its owner may write over', () => {
    const device = new Device()
    const request = post('1')
    device.outbox.enqueue(request, 'h' as EditHandle)
    request.body.fill(0)
    device.sync()
    expect(device.sent).toEqual(['1'])
  })

  it('R5: a stopped outbox calls nobody back and sends nothing', () => {
    const device = new Device()
    device.enqueue('1')
    device.sync()
    const late = device.sending
    device.enqueue('2')
    device.outbox.stop()
    device.sync()
    late?.done(answer(200))
    device.outbox.connected()
    expect([device.sent, device.answered, device.writes]).toEqual([['1'], [], []])
  })

  it('refuses to boot from a record that it cannot have written', () => {
    const device = new Device()
    device.enqueue('1')
    device.sync()
    device.stored.set('outbox/0000000000000001', Uint8Array.of(9, 9))
    expect(() => device.boot()).toThrow(/outbox record/)
  })

  it('I01, I02: whatever crashes and fails, every intent on disk takes effect exactly once and in order', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 7 }), { maxLength: 120, size: 'max' }), (steps) => {
      const device = new Device()
      const effects: string[] = []
      const answers = new Map<string, Response>()
      /** The gateway: executes a key once, repeats its answer; then the answer is delivered or lost (R2). */
      const serve = (isDelivered: boolean): void => {
        const request = device.sending?.request
        if (request === undefined) return
        const key = request.idempotencyKey ?? ''
        if (!answers.has(key)) {
          effects.push(text(request.body))
          answers.set(key, answer(200))
        }
        device.reply(isDelivered ? answers.get(key) ?? answer(500) : { failed: 'timeout' })
      }
      let made = 0
      const act = (step: number): void => {
        if (step <= 1) device.enqueue(String(++made).padStart(3, '0'))
        else if (step === 2 && device.writes.length > 0) device.sync()
        else if (step === 3) serve(true)
        else if (step === 4) serve(false)
        else if (step === 5 && device.timers.length > 0) device.fire()
        else if (step === 6) device.outbox.connected()
        else if (step === 7) device.boot()
      }
      steps.forEach(act)
      for (let round = 0; device.outbox.depth > 0 || device.writes.length > 0; round++) {
        if (round > 2_000) throw new Error('the queue does not drain')
        for (const step of [2, 3, 6]) act(step)
      }
      expect([...effects].sort()).toEqual(effects)
      expect(new Set(effects).size).toBe(effects.length)
      expect(new Set(device.answered.map((line) => line.split(' ')[1])).size).toBe(device.answered.length)
      // Everything executed was also answered to somebody, exactly once, and nothing is left on disk.
      expect(device.answered.map((line) => line.split(' ')[1]).sort()).toEqual(effects)
      expect(device.stored.size).toBe(0)
    }), { numRuns: 300 })
  })
})
