import { describe, expect, it } from 'vitest'
import { type FaultPart, type FaultyNet, makeFaultyNet, marksOf as marks } from '../../testing/faulty-net.ts'
import { bytesOf } from '../../testing/stream-harness.ts'

const makeNet = (...faults: readonly FaultPart[]): FaultyNet => makeFaultyNet(faults)

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

  it.each(['up', 'down'] as const)('K01: a partition of the way %s stops what goes that way, and the other way goes on', (direction) => {
    const net = makeNet({ type: 'partition', direction, atUs: 100_000, untilUs: 2_000_000 })
    net.kernel.at(150_000, () => {
      net.harness.clients[0].end.send(bytesOf('from the device'), 'data')
      net.harness.servers[0].end.send(bytesOf('from the server'), 'data')
    })
    net.kernel.run()
    const [atServer, atDevice] = [net.harness.servers[0].frames[0], net.harness.clients[0].frames[0]]
    const [stopped, passed] = direction === 'up' ? [atServer, atDevice] : [atDevice, atServer]
    expect(passed.atUs).toBe(160_000)
    expect(stopped.atUs).toBeGreaterThan(2_000_000)
    // What is stopped are acknowledgements as well, so that both ends send again; each frame arrives once.
    expect([net.harness.servers[0].frames.length, net.harness.clients[0].frames.length]).toEqual([1, 1])
    expect(marks(net)[1].hit).toBe(net.link.packetsCut)
    expect(net.link[direction].counters.lost.cut).toBe(net.link.packetsCut)
  })

  it('K01: a partition of the server cuts off its devices, each once, whoever else is named', () => {
    const net = makeNet({ type: 'partition', atUs: 100_000, untilUs: 500_000, devices: ['server', 'A'] })
    net.kernel.at(150_000, () => net.harness.clients[0].end.send(bytesOf('late'), 'data'))
    net.kernel.run()
    expect(net.harness.servers[0].frames[0].atUs).toBeGreaterThan(500_000)
    expect(net.link.isCut).toBe(false)
    expect(marks(net)[1].hit).toBeGreaterThan(0)
  })

  it('R3: a clog holds what arrives, and lets it go at once and in order; nothing is lost, packets are counted', () => {
    const net = makeNet({ type: 'clog', direction: 'up', atUs: 100_000, untilUs: 250_000 })
    for (const [index, text] of ['one', 'two', 'three'].entries()) net.kernel.at(120_000 + index * 30_000, () => net.harness.clients[0].end.send(bytesOf(text), 'data'))
    net.kernel.at(120_000, () => net.harness.servers[0].end.send(bytesOf('down'), 'data'))
    net.kernel.run()
    expect(net.harness.servers[0].frames.map(({ text, atUs }) => [text, atUs])).toEqual([['one', 250_000], ['two', 250_000], ['three', 250_000]])
    expect(net.harness.clients[0].frames[0].atUs).toBe(130_000)
    expect(marks(net)[0].hit).toBe(0)
    expect(marks(net)[1].hit).toBeGreaterThanOrEqual(4) // the frames, and the acknowledgement of the server's
    expect(net.link.packetsCut).toBe(0)
  })
})
