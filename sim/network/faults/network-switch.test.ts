import { describe, expect, it } from 'vitest'
import { jitteredLink } from '../../scenario/link-plan.ts'
import { makeFaultyNet, marksOf, requestAt } from '../../testing/faulty-net.ts'
import { bytesOf, textsOf } from '../../testing/stream-harness.ts'

const SLOW = jitteredLink(50_000, 0)
const MINUTES_US = 60_000_000

describe('switching networks (B14, L08)', () => {
  it('the device drops its connections, what is in flight is lost, and the next connection goes over the new link', () => {
    const net = makeFaultyNet([{ type: 'switch', atUs: 100_000, untilUs: 100_000, link: SLOW }])
    const { clients, servers } = net.harness
    net.kernel.at(95_000, () => {
      clients[0].end.send(bytesOf('in flight'), 'data')
      servers[0].end.send(bytesOf('in flight'), 'data')
    })
    const request = requestAt(net, 98_000, 5_000_000)
    net.kernel.at(200_000, () => net.harness.dial(net.transport))
    net.until(600_000)
    expect(clients[0].closed).toEqual({ why: { kind: 'lost' }, atUs: 100_000 })
    expect(request).toEqual({ result: 'network', atUs: 100_000 })
    expect([textsOf(clients[0]), textsOf(servers[0])]).toEqual([[], []])
    expect(clients[1].openedAtUs).toBe(500_000) // three round trips of 100 ms
    expect(marksOf(net).map(({ phase, hit }) => [phase, hit])).toEqual([['begin', 2], ['end', 2]])
    clients[1].end.send(bytesOf('buffered in the meantime'), 'data')
    net.kernel.run()
    expect(servers[1].frames).toMatchObject([{ text: 'buffered in the meantime', atUs: 650_000 }])
  })

  it('R4: nobody answers at the old address, where a device that was merely offline would: the server is half-open until TCP gives up', () => {
    const net = makeFaultyNet([{ type: 'switch', atUs: 100_000, untilUs: 100_000, link: SLOW }])
    net.kernel.at(200_000, () => net.harness.servers[0].end.send(bytesOf('anyone?'), 'data'))
    net.until(15 * MINUTES_US)
    expect(net.harness.servers[0].closed).toBeNull()
    net.until(18 * MINUTES_US)
    expect(net.harness.servers[0].closed?.why).toEqual({ kind: 'lost' })
  })

  it('there and back: each time another address, and the server closes the old stream when the device has dialled anew', () => {
    const net = makeFaultyNet([
      { type: 'switch', atUs: 100_000, untilUs: 100_000, link: SLOW }, { type: 'switch', atUs: 1_000_000, untilUs: 1_000_000, link: jitteredLink(10_000, 0) },
    ])
    for (const atUs of [200_000, 1_100_000]) net.kernel.at(atUs, () => net.harness.dial(net.transport))
    net.kernel.run()
    expect(net.harness.clients.map(({ openedAtUs, closed }) => [openedAtUs, closed?.atUs])).toEqual([[60_000, 100_000], [500_000, 1_000_000], [1_160_000, undefined]])
    // Its upgrade request arrives half a round trip before it is open.
    expect(net.harness.servers.map(({ closed }) => closed?.atUs)).toEqual([450_000, 1_150_000, undefined])
  })

  it('a cut and a clog hold in the new network too: it is the way between device and server that they are about', () => {
    const net = makeFaultyNet([
      { type: 'clog', direction: 'down', atUs: 90_000, untilUs: 900_000 }, { type: 'partition', direction: 'up', atUs: 90_000, untilUs: 400_000 },
      { type: 'switch', atUs: 100_000, untilUs: 100_000, link: SLOW },
    ])
    net.kernel.at(80_000, () => net.harness.servers[0].end.send(bytesOf('held at the old address'), 'data'))
    net.kernel.at(200_000, () => net.harness.dial(net.transport))
    net.until(350_000)
    expect([net.link.isCut, net.link.up.isCut, net.link.down.isCut, net.link.down.isClogged]).toEqual([true, true, false, true])
    net.until(899_000)
    expect(net.harness.clients).toHaveLength(1)
    net.kernel.run()
    // SYN at 200 ms lost, again at 1.2 s.
    expect(net.harness.clients[1].openedAtUs).toBe(1_500_000)
    expect([net.link.isCut, net.link.down.isClogged]).toEqual([false, false])
    expect(textsOf(net.harness.clients[0])).toEqual([])
  })

  it('A11: the proxy is the network\'s; a block holds in the next one too, and cuts nothing that went through the old one', () => {
    const net = makeFaultyNet([
      { type: 'switch', atUs: 100_000, untilUs: 100_000, link: { ...SLOW, proxy: { websocket: 'refuse' } } }, { type: 'switch', atUs: 1_000_000, untilUs: 1_000_000, link: SLOW },
      { type: 'proxy-block', atUs: 900_000, untilUs: 2_000_000, transport: 'websocket', how: 'refuse' },
    ])
    for (const atUs of [200_000, 1_100_000, 2_100_000]) net.kernel.at(atUs, () => net.harness.dial(net.transport))
    net.until(3_000_000)
    expect([net.harness.failedAtUs, net.harness.clients.map(({ openedAtUs }) => openedAtUs)]).toEqual([[500_000, 1_400_000], [60_000, 2_400_000]])
    expect(marksOf(net).filter(({ fault }) => fault === 'f2').map(({ phase, hit }) => [phase, hit])).toEqual([['begin', 0], ['end', 1]])
  })

  it('D4: another network has weather of its own, named after the fault that leads there', () => {
    const lossy = { delay: { latencyUs: 10_000 }, loss: { model: 'random' as const, probability: 0.3 } }
    const arrivals = (id: number): readonly number[] => {
      const before = Array.from({ length: id }, () => ({ type: 'break' as const, atUs: 90_000, untilUs: 90_000 }))
      const net = makeFaultyNet([...before, { type: 'switch', atUs: 100_000, untilUs: 100_000, link: { up: lossy, down: lossy } }])
      net.kernel.at(100_000, () => net.harness.dial(net.transport))
      net.until(20_000_000)
      for (let count = 0; count < 50; count++) net.kernel.at(20_000_000 + count * 50_000, () => net.harness.clients[1].end.send(bytesOf(String(count)), 'data'))
      net.kernel.run()
      return net.harness.servers.at(-1)?.frames.map(({ atUs }) => atUs) ?? []
    }
    expect(arrivals(0)).toEqual(arrivals(0))
    expect(arrivals(1)).not.toEqual(arrivals(0))
    expect(arrivals(0)).toHaveLength(50)
  })
})
