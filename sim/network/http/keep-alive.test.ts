/**
 * Idle connections that a server closes, and what a browser does with a request that meets the end of one
 * (RFC 9112 section 9.3.1, RFC 9110 section 9.2.2; Chromium's `ShouldResendRequest`).
 */
import { describe, expect, it } from 'vitest'
import { CONNECT_US, expectAllDone, LATENCY_US, makeHttpNet, makeWarmHttpNet, WARM_US } from '../../testing/http-net.ts'

const KEEP_ALIVE_US = 5_000_000 // Node's
const VERSIONS = ['1.1', '2'] as const
/** When the server closes a connection that carried one answer: it was given 5 latencies after the start. */
const CLOSED_US = CONNECT_US + LATENCY_US + KEEP_ALIVE_US

describe.each(VERSIONS)('HTTP/%s: idle connections', (httpVersion) => {
  const wire = { httpVersion, httpKeepAliveUs: KEEP_ALIVE_US }

  it('are closed after the keep-alive time; the next request pays for a new one', () => {
    const net = makeWarmHttpNet(wire)
    net.until(CLOSED_US + LATENCY_US - 1)
    expect(net.channel.connections.length).toBe(1)
    net.until(CLOSED_US + LATENCY_US)
    expect(net.channel.connections.length).toBe(0)
    const atUs = net.kernel.nowUs
    net.send('next')
    net.until(atUs + CONNECT_US + LATENCY_US)
    expect(net.harness.requests).toMatchObject([{ atUs: atUs + CONNECT_US + LATENCY_US }])
    net.answer(0)
    net.kernel.run()
    expectAllDone(net)
  })

  it('stay open while they are used, and while the server works', () => {
    const net = makeWarmHttpNet(wire)
    for (let request = 0; request < 4; request++) {
      net.send(String(request))
      net.until(net.kernel.nowUs + 4_000_000)
      net.answer(request)
      net.until(net.kernel.nowUs + 100_000)
    }
    net.send('slow')
    net.until(net.kernel.nowUs + 3 * KEEP_ALIVE_US)
    net.answer(4)
    net.until(net.kernel.nowUs + 100_000)
    expect([net.results.length, net.channel.connections.length]).toEqual([5, 1])
    expect(net.harness.requests.slice(1).every(({ atUs }) => atUs > WARM_US)).toBe(true)
  })

  it('an unused one is closed, too', () => {
    const net = makeHttpNet(wire)
    net.send('hasty', CONNECT_US - 1)
    net.kernel.run()
    expect([net.arrived(), net.channel.connections.length]).toEqual([[], 0])
    expect(net.kernel.nowUs).toBeGreaterThan(KEEP_ALIVE_US)
    expectAllDone(net)
  })

  it('R2: a request that crosses the close is never read, made again over a fresh connection, and executed once', () => {
    for (const beforeUs of [1, LATENCY_US - 1]) {
      const net = makeWarmHttpNet(wire)
      net.until(CLOSED_US - beforeUs)
      net.send('crossing')
      net.until(CLOSED_US + 500_000)
      expect(net.arrived()).toEqual(['crossing'])
      expect(net.harness.requests[0].atUs).toBe(CLOSED_US + LATENCY_US + CONNECT_US + LATENCY_US)
      net.answer(0)
      net.kernel.run()
      expect(net.results).toMatchObject([{ result: { status: 200 } }])
      expect(net.frames('sent').filter(({ traffic, atUs }) => traffic === 'request' && atUs > WARM_US)).toHaveLength(2)
      expect(net.frames('lost').map(({ traffic }) => traffic)).toContain('request')
      expectAllDone(net)
    }
  })

  it('R2: the device cannot tell that from a server killed in its work: then the browser\'s repetition executes it twice, unasked', () => {
    const net = makeWarmHttpNet(wire)
    net.send('before')
    net.until(WARM_US + LATENCY_US)
    net.answer(0)
    net.until(WARM_US + 100_000)
    net.send('write')
    net.until(WARM_US + 100_000 + LATENCY_US)
    net.channel.serverGone({ kind: 'lost' })
    net.until(WARM_US + 1_000_000)
    expect(net.arrived()).toEqual(['before', 'write', 'write'])
    net.answer(2)
    net.until(WARM_US + 2_000_000)
    expect(net.results.map(({ name, result }) => [name, 'status' in result && result.status])).toEqual([['before', 200], ['write', 200]])
  })

  it('a repetition keeps to the caller\'s patience, and a caller that has gone is not repeated', () => {
    const net = makeWarmHttpNet(wire)
    net.until(CLOSED_US - 1)
    net.send('hasty', 2 * LATENCY_US)
    const cancel = net.send('cancelled')
    net.kernel.at(CLOSED_US + LATENCY_US - 1, cancel)
    net.kernel.run()
    expect(net.arrived()).toEqual([])
    expect(net.results).toMatchObject([{ name: 'hasty', result: { failed: 'timeout' }, atUs: CLOSED_US - 1 + 2 * LATENCY_US }])
    expectAllDone(net)
  })
})

describe('the browser\'s repetition (R2)', () => {
  it.each(VERSIONS)('HTTP/%s: happens once, and not for what the device\'s own network broke', (httpVersion) => {
    const net = makeWarmHttpNet({ httpVersion })
    net.send('write')
    net.until(WARM_US + LATENCY_US)
    net.channel.reset(true)
    net.until(WARM_US + 1_000_000)
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: WARM_US + LATENCY_US }])
    expect(net.arrived()).toEqual(['write'])
  })

  it('HTTP/1.1: not on the first use of a connection, which has proved nothing', () => {
    const net = makeHttpNet()
    net.send('write')
    net.until(CONNECT_US + LATENCY_US)
    net.channel.serverGone({ kind: 'lost' })
    net.kernel.run()
    expect(net.arrived()).toEqual(['write'])
    expect(net.results).toMatchObject([{ result: { failed: 'network' } }])
    expectAllDone(net)
  })
})
