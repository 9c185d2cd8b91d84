import { describe, expect, it } from 'vitest'
import { type FaultPart, makeFaultyNet, marksOf, requestAt } from '../../testing/faulty-net.ts'
import { bytesOf, textsOf } from '../../testing/stream-harness.ts'

const silent = (untilUs: number): FaultPart => ({ type: 'dns-failure', atUs: 100_000, untilUs })

describe('DNS failures (B04)', () => {
  it('connections live on, and none can be made: an attempt fails when the resolver has been silent twice for 5 s', () => {
    const net = makeFaultyNet([silent(60_000_000)])
    net.kernel.at(200_000, () => {
      net.harness.dial(net.transport)
      net.harness.clients[0].end.send(bytesOf('still here'), 'data')
    })
    const request = requestAt(net, 300_000, 2_000_000)
    net.kernel.run()
    expect(net.harness.failedAtUs).toEqual([10_200_000])
    expect(request).toEqual({ result: 'timeout', atUs: 2_300_000 })
    expect(textsOf(net.harness.servers[0])).toEqual(['still here'])
    expect(net.harness.clients[0].closed).toBeNull()
    expect(marksOf(net).map(({ phase, hit }) => [phase, hit])).toEqual([['begin', 0], ['end', 2]])
  })

  it('an attempt that outlasts the failure finds the server at its second look-up', () => {
    for (const [dialledUs, openedUs] of [[200_000, 5_260_000], [3_999_999, 9_059_999], [4_000_000, 4_060_000]]) {
      const net = makeFaultyNet([silent(4_000_000)])
      net.kernel.at(dialledUs, () => net.harness.dial(net.transport))
      net.kernel.run()
      expect(net.harness.failedAtUs).toEqual([])
      expect(net.harness.clients[1].openedAtUs).toBe(openedUs)
    }
  })

  it('an attempt that is given up while it looks the server up sends nothing', () => {
    const net = makeFaultyNet([silent(4_000_000), { type: 'break', atUs: 300_000, untilUs: 300_000 }])
    net.kernel.at(200_000, () => net.harness.dial(net.transport))
    net.until(300_000)
    const sent = net.link.up.counters.sent
    net.kernel.run()
    expect(net.harness.failedAtUs).toEqual([300_000])
    expect(net.link.up.counters.sent).toBe(sent)
  })
})
