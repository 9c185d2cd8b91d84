import { describe, expect, it } from 'vitest'
import { chooseTransport, type TransportNeeds } from './choose-transport.ts'

const WS = 'websocket > sse > long-poll > http'
const SSE = 'sse > long-poll > http'
const POLL = 'http'

/** All 2^5 inputs: b two-way, l latency-critical, p behind a proxy, s client sends, o offline. */
const TABLE: Readonly<Record<string, string>> = {
  '-----': SSE, '----o': POLL, '---s-': SSE, '---so': POLL,
  '--p--': SSE, '--p-o': POLL, '--ps-': SSE, '--pso': POLL,
  '-l---': SSE, '-l--o': SSE, '-l-s-': WS, '-l-so': WS,
  '-lp--': SSE, '-lp-o': SSE, '-lps-': SSE, '-lpso': SSE,
  'b----': WS, 'b---o': WS, 'b--s-': WS, 'b--so': WS,
  'b-p--': SSE, 'b-p-o': SSE, 'b-ps-': SSE, 'b-pso': SSE,
  'bl---': WS, 'bl--o': WS, 'bl-s-': WS, 'bl-so': WS,
  'blp--': WS, 'blp-o': WS, 'blps-': WS, 'blpso': WS,
}

function needsOf(key: string): TransportNeeds {
  const has = (letter: string): boolean => key.includes(letter)
  return { bidirectional: has('b'), latencyCritical: has('l'), behindProxy: has('p'), clientSends: has('s'), offline: has('o') }
}

describe('A12: the transports that suit an application', () => {
  it('the table has all 2^5 inputs', () => {
    expect(new Set(Object.keys(TABLE).map((key) => JSON.stringify(needsOf(key)))).size).toBe(32)
  })

  it.each(Object.entries(TABLE))('%s: %s', (key, chain) => {
    expect(chooseTransport(needsOf(key)).join(' > ')).toBe(chain)
  })

  it('every chain ends with what passes everywhere, and goes down the same way', () => {
    for (const key of Object.keys(TABLE)) {
      const chain = chooseTransport(needsOf(key))
      expect(chain.at(-1)).toBe('http')
      expect(WS.endsWith(chain.join(' > '))).toBe(true)
    }
  })
})
