import { describe, expect, it } from 'vitest'
import { type FaultPart, makeFaultyNet, marksOf, OPEN_US, requestAt } from '../../testing/faulty-net.ts'
import { bytesOf, textsOf } from '../../testing/stream-harness.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'

const SECOND_US = 1_000_000
const AT_US = 100_000
const UNTIL_US = 3 * SECOND_US
const HOLE: FaultPart = { type: 'black-hole', atUs: AT_US, untilUs: UNTIL_US }
const RESET: FaultPart = { type: 'reset', atUs: AT_US, untilUs: AT_US }

describe('black holes (B07, R4)', () => {
  it('an established connection never gets a packet through again, in either direction, also when the fault is over', () => {
    const net = makeFaultyNet([HOLE])
    const [client, server] = [net.harness.clients[0], net.harness.servers[0]]
    for (const atUs of [200_000, 5 * SECOND_US]) {
      net.kernel.at(atUs, () => {
        client.end.send(bytesOf('up'), 'data')
        server.end.send(bytesOf('down'), 'data')
      })
    }
    net.until(900 * SECOND_US)
    expect([textsOf(client), textsOf(server), client.closed, server.closed]).toEqual([[], [], null, null])
    expect(net.world.quiescence.pending()).toContainEqual('A: 1 x not connected')
    net.kernel.run()
    // TCP's own timer is what ends it: tcp_retries2.
    expect(client.closed?.why).toEqual({ kind: 'lost' })
    expect(client.closed?.atUs).toBeGreaterThan(924 * SECOND_US)
    expect(client.closed?.atUs).toBeLessThan(1_050 * SECOND_US)
    expect(net.frames('lost')).toHaveLength(4)
    expect(net.world.quiescence.pending()).toEqual([])
    expect(marksOf(net).map(({ phase, hit }) => [phase, hit])).toEqual([['begin', 1], ['end', 1]])
  })

  it('what had passed the box before it forgot still arrives; what had not is lost', () => {
    const net = makeFaultyNet([HOLE])
    net.kernel.at(95_000, () => { // 5 ms before, on a way of 10 ms; the box is at the server's end
      net.harness.clients[0].end.send(bytesOf('up'), 'data')
      net.harness.servers[0].end.send(bytesOf('down'), 'data')
    })
    net.until(UNTIL_US)
    expect([textsOf(net.harness.clients[0]), textsOf(net.harness.servers[0])]).toEqual([['down'], []])
  })

  it('B07: an idle device finds out by nine keep-alive probes without an answer, 45 s apart', () => {
    const net = makeFaultyNet([{ type: 'black-hole', atUs: SECOND_US, untilUs: UNTIL_US }])
    net.kernel.run()
    expect(net.harness.clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: SECOND_US + 10 * 45 * SECOND_US })
    expect(net.harness.servers[0].closed).toBeNull()
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('a connection begun in it hangs and opens by its next SYN when it is over; one begun later works at once', () => {
    for (const [dialledUs, openedUs] of [[SECOND_US, 4 * SECOND_US + OPEN_US], [UNTIL_US, UNTIL_US + OPEN_US]]) {
      const net = makeFaultyNet([HOLE])
      net.kernel.at(dialledUs, () => net.harness.dial(net.transport))
      net.until(10 * SECOND_US)
      expect(net.harness.clients[1].openedAtUs).toBe(openedUs) // SYN after 1 and 3 s
      expect(marksOf(net)[1].hit).toBe(dialledUs < UNTIL_US ? 2 : 1)
      // The server closes the forgotten stream, and that cannot get through either.
      expect(net.harness.servers[0].closed?.why).toEqual({ kind: 'lost' })
      expect(net.harness.clients[0].closed).toBeNull()
    }
  })

  it('a handshake that is forgotten hangs for 30 s, unless the SYN is sent again, which begins it anew', () => {
    // SYN comes through at 110 ms, its answer arrives at 120 ms: nothing is left to begin anew with.
    const hung = makeFaultyNet([{ type: 'black-hole', atUs: 115_000, untilUs: 500_000 }])
    hung.kernel.at(AT_US, () => hung.harness.dial(hung.transport))
    hung.until(40 * SECOND_US)
    expect(hung.harness.failedAtUs).toEqual([30 * SECOND_US + AT_US])
    // The answer is lost on its way, so the SYN is sent again after a second.
    const anew = makeFaultyNet([{ type: 'partition', direction: 'down', atUs: 90_000, untilUs: 300_000 }, { type: 'black-hole', atUs: 150_000, untilUs: 500_000 }])
    anew.kernel.at(AT_US, () => anew.harness.dial(anew.transport))
    anew.until(499_999)
    expect(anew.world.quiescence.pending()).toContain('A: 2 x not connected')
    anew.until(2 * SECOND_US)
    expect(anew.harness.clients[1].openedAtUs).toBe(SECOND_US + AT_US + OPEN_US + 20_000) // with an initial window of one after a lost SYN
    expect(anew.world.quiescence.pending()).toContain('A: 1 x not connected')
  })

  it('R2: a request on an idle connection that is forgotten runs into its timeout, the next takes a new connection', () => {
    const net = makeFaultyNet([{ type: 'black-hole', atUs: SECOND_US, untilUs: UNTIL_US }])
    const times = [200_000, 5 * SECOND_US, 10 * SECOND_US]
    const [before, first, second] = times.map((atUs) => requestAt(net, atUs, 2 * SECOND_US))
    for (const atUs of times) net.kernel.at(atUs + 60_000, () => { for (const { respond } of net.harness.requests.splice(0)) respond({ status: 200, body: new Uint8Array(0) }) })
    net.until(20 * SECOND_US)
    expect(before).toEqual({ result: 200, atUs: 270_000 })
    expect(first).toEqual({ result: 'timeout', atUs: 7 * SECOND_US })
    expect(second).toEqual({ result: 200, atUs: 10_070_000 })
  })

  it('TCP: sends succeed until the buffer is full, and the connection ends when TCP gives up', () => {
    const net = makeFaultyNet([{ type: 'black-hole', atUs: 10 * SECOND_US, untilUs: 11 * SECOND_US }])
    const events: string[] = []
    const silent = { opened: () => undefined, message: () => { events.push('message') }, writable: () => { events.push('writable') }, closed: () => undefined }
    const { client } = new TcpConnection<number>(net.kernel, {
      id: 900, up: net.link.upPath, down: net.link.downPath, server: silent,
      client: { ...silent, closed: (why) => { events.push(why, String(Math.floor(net.kernel.nowUs / SECOND_US))) } },
    })
    client.connect()
    net.until(20 * SECOND_US)
    let accepted = 0
    while (client.send(accepted, 100_000)) accepted++
    expect(accepted).toBe(42) // 4 MiB, Linux's tcp_wmem
    net.until(900 * SECOND_US)
    expect([client.isOpen, client.bufferedBytes, events]).toEqual([true, 4_200_000, []])
    net.kernel.run()
    expect(events[0]).toBe('timeout')
    expect(Number(events[1])).toBeGreaterThan(944)
    expect(Number(events[1])).toBeLessThan(1_070)
  })
})

describe('resets by a middlebox (K03, R1)', () => {
  it('both ends hear of it, the device when the packet has come; what is in flight is lost; each connection is counted', () => {
    const net = makeFaultyNet([{ type: 'reset', atUs: SECOND_US, untilUs: SECOND_US }])
    const request = requestAt(net, 900_000, 5 * SECOND_US)
    net.kernel.at(999_000, () => {
      net.harness.clients[0].end.send(bytesOf('up'), 'data')
      net.harness.servers[0].end.send(bytesOf('down'), 'data')
    })
    net.kernel.run()
    expect(net.harness.requests).toHaveLength(1) // it may have been executed (R2)
    expect(net.harness.servers[0].closed).toEqual({ why: { kind: 'lost' }, atUs: SECOND_US })
    expect(net.harness.clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: SECOND_US + 10_000 })
    expect(request).toEqual({ result: 'network', atUs: SECOND_US + 10_000 })
    expect(net.frames('lost').map(({ from, traffic }) => [from, traffic])).toEqual([['A', 'data'], ['server', 'data']])
    expect(marksOf(net).map(({ phase, hit }) => [phase, hit])).toEqual([['begin', 2], ['end', 2]])
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('R4: where the reset to the device is lost, its end is half-open: the next packet of its own tells it', () => {
    const net = makeFaultyNet([RESET, { type: 'partition', direction: 'down', atUs: 90_000, untilUs: 300_000 }])
    net.kernel.at(SECOND_US, () => net.harness.clients[0].end.send(bytesOf('void'), 'data'))
    net.until(999_999)
    expect(net.harness.clients[0].closed).toBeNull()
    expect(net.world.quiescence.pending()).toEqual(['A: 1 x not connected'])
    net.kernel.run()
    expect(net.harness.clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: SECOND_US + 20_000 })
  })

  it('B07: a silent device is told by the answer to its keep-alive probe', () => {
    const net = makeFaultyNet([RESET, { type: 'partition', direction: 'down', atUs: 90_000, untilUs: 300_000 }])
    net.kernel.run()
    expect(net.harness.clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: AT_US + 45 * SECOND_US + 20_000 })
  })

  it('H1: it hits nothing where no connection is, nor one that has gone', () => {
    const net = makeFaultyNet([{ type: 'offline', atUs: 90_000, untilUs: 95_000 }, RESET])
    net.kernel.run()
    expect(marksOf(net).filter(({ fault }) => fault === 'f1').map(({ hit }) => hit)).toEqual([0, 0])
  })
})

describe('slow closes (B07, R4)', () => {
  const SLOW: FaultPart = { type: 'slow-close', atUs: AT_US, untilUs: UNTIL_US }

  it('data goes on, a FIN waits: a device learns late that the process at the other end is gone', () => {
    const net = makeFaultyNet([SLOW])
    net.kernel.at(200_000, () => {
      net.harness.servers[0].end.send(bytesOf('last words'), 'data')
      net.transport.serverGone({ kind: 'lost' })
    })
    net.kernel.run()
    expect(net.harness.clients[0].frames).toMatchObject([{ text: 'last words', atUs: 210_000 }])
    expect(net.harness.clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: UNTIL_US + 10_000 })
    expect(marksOf(net)[1].hit).toBeGreaterThan(1) // the FIN, and its repetitions
  })

  it('a reset waits: the server keeps a half-open stream until then', () => {
    const net = makeFaultyNet([SLOW, { type: 'break', atUs: 200_000, untilUs: 200_000 }])
    net.kernel.run()
    expect(net.harness.clients[0].closed?.atUs).toBe(200_000)
    expect(net.harness.servers[0].closed).toEqual({ why: { kind: 'lost' }, atUs: UNTIL_US })
    expect(marksOf(net).filter(({ fault }) => fault === 'f0').map(({ hit }) => hit)).toEqual([0, 1])
  })

  it('two of them release what they hold when the last one ends', () => {
    const net = makeFaultyNet([SLOW, { type: 'slow-close', atUs: 150_000, untilUs: UNTIL_US + SECOND_US }, { type: 'break', atUs: 200_000, untilUs: 200_000 }])
    net.kernel.run()
    expect(net.harness.servers[0].closed?.atUs).toBe(UNTIL_US + SECOND_US)
  })
})
