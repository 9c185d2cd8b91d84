import { describe, expect, it } from 'vitest'
import type { FaultEvent } from '../../history/events.ts'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import type { } from '../../scenario/plan.ts'
import { bytesOf, StreamHarness } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { scheduleFault } from './network-faults.ts'
import { WebSocketTransport } from '../websocket/websocket-transport.ts'

const OPEN_US = 60_000 // three round trips of 20 ms

/** Device A with an open stream, and these faults. */
function makeNet(...faults: readonly { readonly type: 'partition' | 'break' | 'offline'; readonly atUs: number; readonly untilUs: number }[]): TestWorld & { readonly harness: StreamHarness; readonly transport: WebSocketTransport } {
  const net = makeTestWorld()
  const [device, server] = net.hosts
  const harness = new StreamHarness(device)
  const transport = new WebSocketTransport({ device, server, link: net.link, listener: harness }, DEFAULT_WIRE)
  harness.dial(transport)
  faults.forEach((fault, index) => scheduleFault(net.world, { ...fault, id: `f${index}`, devices: ['A', 'unknown'] }, new Map([['A', { link: net.link, transport }]])))
  net.until(OPEN_US)
  return { ...net, harness, transport }
}
const marks = (net: TestWorld): readonly Pick<FaultEvent, 'fault' | 'phase' | 'hit' | 'atUs'>[] => net.world.recorder.events
  .filter((event): event is FaultEvent => event.kind === 'fault').map(({ fault, phase, hit, atUs }) => ({ fault, phase, hit, atUs }))

describe('faults', () => {
  it('a partition holds up what meets it, closes nothing, and counts each packet it stopped', () => {
    const net = makeNet({ type: 'partition', atUs: 100_000, untilUs: 500_000 })
    net.kernel.at(95_000, () => net.harness.clients[0].end.send(bytesOf('held'), 'data'))
    net.kernel.run()
    expect(net.harness.servers[0].frames.map(({ text }) => text)).toEqual(['held'])
    expect(net.harness.clients[0].closed).toBeNull()
    expect(marks(net)).toMatchObject([{ fault: 'f0', phase: 'begin', hit: 0, atUs: 100_000 }, { fault: 'f0', phase: 'end', atUs: 500_000 }])
    // The frame when it came in at 105 ms, and each time TCP sent it again.
    expect(marks(net)[1].hit).toBe(net.link.packetsCut)
    expect(net.link.packetsCut).toBeGreaterThanOrEqual(3)
    expect(net.frames('lost')).toEqual([])
  })

  it('a break hits what is in flight at that moment, both ways', () => {
    const net = makeNet({ type: 'break', atUs: 100_000, untilUs: 100_000 })
    net.kernel.at(99_000, () => {
      net.harness.clients[0].end.send(bytesOf('up'), 'data')
      net.harness.servers[0].end.send(bytesOf('down'), 'data')
    })
    net.kernel.run()
    expect(marks(net)).toEqual([{ fault: 'f0', phase: 'begin', hit: 2, atUs: 100_000 }, { fault: 'f0', phase: 'end', hit: 2, atUs: 100_000 }])
    expect([net.harness.clients[0].closed?.atUs, net.harness.servers[0].closed?.atUs]).toEqual([100_000, 110_000])
  })

  it('R4: going offline tells the device and not the server; what is sent into the half-open stream counts as hit', () => {
    const net = makeNet({ type: 'offline', atUs: 100_000, untilUs: 300_000 })
    net.kernel.at(200_000, () => net.harness.servers[0].end.send(bytesOf('void'), 'data'))
    net.kernel.at(250_000, () => net.harness.dial(net.transport))
    net.kernel.run()
    expect([net.harness.clients[0].closed?.atUs, net.harness.failedAtUs]).toEqual([100_000, [250_000]])
    expect(marks(net)[0].hit).toBe(0)
    expect(marks(net)[1].hit).toBeGreaterThan(1)
    expect(net.frames('lost')).toHaveLength(1)
    // Back online, the device answers the server's repetition with a reset: it knows nothing of that connection.
    expect(net.harness.servers[0].closed?.why).toEqual({ kind: 'lost' })
    expect(net.harness.servers[0].closed?.atUs).toBeGreaterThan(300_000)
  })

  it('overlapping faults end one by one, and the path is whole only after the last', () => {
    const net = makeNet(
      { type: 'partition', atUs: 100_000, untilUs: 400_000 }, { type: 'partition', atUs: 200_000, untilUs: 600_000 },
      { type: 'offline', atUs: 300_000, untilUs: 500_000 })
    const cutAt: boolean[] = []
    for (const atUs of [50_000, 150_000, 450_000, 550_000, 650_000]) net.kernel.at(Math.max(atUs, net.kernel.nowUs), () => cutAt.push(net.link.isCut))
    net.kernel.run()
    expect(cutAt).toEqual([false, true, true, true, false])
    expect(marks(net).map(({ fault, phase }) => `${fault} ${phase}`)).toEqual(['f0 begin', 'f1 begin', 'f2 begin', 'f0 end', 'f2 end', 'f1 end'])
  })

  it('H1: a fault that nothing met hit nothing', () => {
    const net = makeNet({ type: 'partition', atUs: 200_000, untilUs: 500_000 }, { type: 'break', atUs: 600_000, untilUs: 600_000 })
    net.kernel.run()
    expect(marks(net).map(({ hit }) => hit)).toEqual([0, 0, 0, 0])
  })
})
