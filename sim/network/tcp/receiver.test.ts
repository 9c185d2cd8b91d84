import { describe, expect, it } from 'vitest'
import { Kernel } from '../../kernel/kernel.ts'
import { TcpReceiver } from './receiver.ts'
import { ACK, DUPLICATE, PUSH, Segment } from './segment.ts'
import { openConnection } from './testing/test-connection.ts'

interface World { readonly kernel: Kernel; readonly receiver: TcpReceiver; acknowledged: number; receive(start: number, end: number, sentAtUs?: number): void }

function makeReceiver(bufferBytes = 10_000): World {
  const kernel = new Kernel()
  const receiver: TcpReceiver = new TcpReceiver(kernel, bufferBytes, {
    rtoUs: 250_000, smoothedUs: 50_000,
    acknowledge: () => {
      world.acknowledged++
      receiver.sent(false)
    },
  })
  const world: World = {
    kernel, receiver, acknowledged: 0,
    receive: (start, end, sentAtUs = 0) => {
      receiver.receive(new Segment([], ACK | PUSH, start, end, 0, 0, null, sentAtUs, -1))
    },
  }
  return world
}

describe('TcpReceiver', () => {
  it('R1: a hole leaves a connection interactive: after its repair every second write is acknowledged, as before', () => {
    const world = makeReceiver()
    world.receive(0, 100)
    world.receiver.sent(true) // an answer: interactive
    for (const [start, end] of [[200, 300], [100, 200]]) {
      world.receive(start, end)
      world.receiver.acknowledgeIfDue()
    }
    expect(world.acknowledged).toBe(2)
    for (let start = 300; start < 1_100; start += 100) {
      world.receive(start, start + 100)
      world.receiver.acknowledgeIfDue()
    }
    expect(world.acknowledged).toBe(6)
  })

  it('RFC 5681: a filled hole is acknowledged at once, also on an interactive connection', () => {
    const world = makeReceiver()
    world.receive(0, 100)
    world.receiver.acknowledgeIfDue()
    world.receive(200, 300)
    world.receiver.acknowledgeIfDue()
    world.receiver.sent(true) // an answer: interactive
    expect(world.acknowledged).toBe(2)
    world.receive(100, 200)
    world.receiver.acknowledgeIfDue()
    expect([world.acknowledged, world.receiver.next]).toEqual([3, 300])
    world.receive(300, 400)
    world.receiver.acknowledgeIfDue()
    expect(world.acknowledged).toBe(3)
  })

  it('what lies beyond the window is not taken, and the answer says where it ends', () => {
    const world = makeReceiver(1_000)
    world.receive(500, 2_000)
    world.receiver.acknowledgeIfDue()
    expect([world.acknowledged, world.receiver.sacks(), world.receiver.windowEnd]).toEqual([1, null, 1_000])
  })

  it('RFC 2883: data that comes twice is reported, once', () => {
    const world = makeReceiver()
    world.receive(0, 100)
    world.receiver.acknowledgeIfDue()
    expect(world.receiver.flags).toBe(0)
    world.receive(0, 100)
    expect(world.receiver.flags).toBe(DUPLICATE)
    world.receiver.acknowledgeIfDue()
    expect([world.acknowledged, world.receiver.flags]).toEqual([2, 0])
  })

  it('RFC 7323: out-of-order data does not change the time that is echoed', () => {
    const world = makeReceiver()
    world.receive(0, 100, 1_000)
    world.receiver.acknowledgeIfDue()
    world.receive(200, 300, 2_000)
    expect(world.receiver.echoUs).toBe(1_000)
    world.receive(100, 200, 3_000)
    expect(world.receiver.echoUs).toBe(3_000)
  })

  it('a request and its answer need no packet but those two: acknowledgements ride on data', () => {
    const test = openConnection()
    test.onServerMessage = (message) => { test.server.send(message, 100) }
    const fromUs = test.kernel.nowUs
    // Each request comes before the client would acknowledge the last answer on its own.
    for (let message = 0; message < 100; message++) test.kernel.at(fromUs + message * 60_000, () => { test.client.send(message, 100) })
    const before = test.down.packets.length
    test.kernel.run()
    expect(test.atClient.messages).toHaveLength(100)
    expect(test.down.packets.length - before).toBeLessThan(105)
  })
})
