import { describe, expect, it } from 'vitest'
import type { Request, Response, Writes } from '../contract.ts'
import { IdempotencyStore } from './idempotency.ts'

const request = (idempotencyKey: string | undefined, body = 1): Request =>
  ({ method: 'POST', path: '/documents/doc', document: 'doc', body: Uint8Array.of(body), idempotencyKey })
const answer = (status: number, version?: number): Response => ({ status, body: Uint8Array.of(status % 256), version })

/** A gateway before a handler that answers when the test says so. */
function gateway() {
  const store = new IdempotencyStore()
  const work: ((response: Response) => void)[] = []
  const answers: Response[] = []
  const ask = (one: Request) => store.handle(one, (response) => { answers.push(response) }, (_, respond) => { work.push(respond) })
  return { store, work, answers, ask }
}

describe('idempotency store', () => {
  it('C08: a repetition gets the first answer and is not processed again', () => {
    const { work, answers, ask, store } = gateway()
    expect(ask(request('k'))).toBe('processed')
    work[0]?.(answer(200, 7))
    expect(ask(request('k'))).toBe('repeated')
    expect([work.length, answers, store.size]).toEqual([1, [answer(200, 7), answer(200, 7)], 1])
  })

  it('a repetition while the first is in work waits for the same answer', () => {
    const { work, answers, ask } = gateway()
    ask(request('k'))
    expect([ask(request('k')), ask(request('k'))]).toEqual(['waiting', 'waiting'])
    expect([work.length, answers]).toEqual([1, []])
    work[0]?.(answer(201, 3))
    expect(answers).toEqual([answer(201, 3), answer(201, 3), answer(201, 3)])
  })

  it('repeats a 409 as it was: an answer once given stays', () => {
    const { work, answers, ask } = gateway()
    ask(request('k'))
    work[0]?.(answer(409, 4))
    ask(request('k'))
    expect([work.length, answers]).toEqual([1, [answer(409, 4), answer(409, 4)]])
  })

  it('T20: nothing is remembered of a failure; the repetition is processed', () => {
    const { work, answers, ask, store } = gateway()
    ask(request('k'))
    ask(request('k'))
    work[0]?.(answer(503))
    expect([answers.map(({ status }) => status), store.size]).toEqual([[503, 503], 0])
    expect(ask(request('k'))).toBe('processed')
    work[1]?.(answer(200))
    expect(answers.at(-1)).toEqual(answer(200))
  })

  it('T20: nothing is remembered of a handler that threw', () => {
    const store = new IdempotencyStore()
    const crash = (): void => { throw new Error('handler crashed') }
    expect(() => store.handle(request('k'), () => undefined, crash)).toThrow('handler crashed')
    const answers: Response[] = []
    store.handle(request('k'), (response) => { answers.push(response) }, (_, respond) => { respond(answer(200)) })
    expect(answers).toEqual([answer(200)])
  })

  it('C10: equal requests under two keys are two intents; without a key every request is', () => {
    const { work, ask, store } = gateway()
    for (const key of ['k1', 'k2', undefined, undefined]) expect(ask(request(key))).toBe('processed')
    expect([work.length, store.size]).toEqual([4, 2])
  })

  it('C10: a key that comes with another request is refused, in work or answered', () => {
    const { work, answers, ask } = gateway()
    ask(request('k', 1))
    expect(ask(request('k', 2))).toBe('key-reused')
    work[0]?.(answer(200))
    expect(ask({ ...request('k', 1), document: 'other' })).toBe('key-reused')
    expect([work.length, answers.map(({ status }) => status)]).toEqual([1, [422, 200, 422]])
  })

  it('answers a request once: a second answer is a bug of the handler', () => {
    const { work, ask } = gateway()
    ask(request('k'))
    work[0]?.(answer(200))
    expect(() => work[0]?.(answer(200))).toThrow(/two answers/)
  })

  it('T22, C08: the next process gives the answers of the one before it', () => {
    const disk = new Map<string, Uint8Array>()
    const keep = (batch: Writes): void => { for (const [key, value] of batch) if (value !== null) disk.set(key, value) }
    const ports = (): ConstructorParameters<typeof IdempotencyStore>[0] => ({ boot: new Map(disk), write: (batch, durable) => { keep(batch); durable() } })
    const first = new IdempotencyStore(ports())
    first.handle(request('remembered'), () => undefined, (_, respond, remember) => {
      keep(remember(answer(200, 7)))
      respond(answer(200, 7))
    })
    first.handle(request('refused'), () => undefined, (_, respond) => respond(answer(409)))
    first.handle(request('broken'), () => undefined, (_, respond) => respond(answer(503)))
    first.handle(request('in work'), () => undefined, () => undefined)
    const second = new IdempotencyStore(ports())
    const answers: Response[] = []
    const ask = (one: Request): string => second.handle(one, (response) => { answers.push(response) }, () => undefined)
    expect(['remembered', 'refused', 'broken', 'in work'].map((key) => ask(request(key)))).toEqual(['repeated', 'repeated', 'processed', 'processed'])
    expect(answers).toEqual([answer(200, 7), answer(409)])
    expect(ask(request('refused', 2))).toBe('key-reused')
  })

  it('T100: an answer that its handler did not remember is on disk before it is given', () => {
    const order: string[] = []
    let durable = (): void => undefined
    const store = new IdempotencyStore({ boot: new Map(), write: (batch, done) => { order.push(`write ${[...batch.keys()].join()}`); durable = done } })
    store.handle(request('k'), () => order.push('answer'), (_, respond) => respond(answer(409)))
    expect(order).toEqual(['write idempotency/k'])
    durable()
    expect(order).toEqual(['write idempotency/k', 'answer'])
  })
})
