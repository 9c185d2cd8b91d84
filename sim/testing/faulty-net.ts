/** Device A, a server, and the faults between them: for tests of what a fault does to streams and requests. */
import type { FaultEvent } from '../history/events.ts'
import { scheduleFault } from '../network/faults/network-faults.ts'
import { WebSocketTransport } from '../network/websocket/websocket-transport.ts'
import type { NetworkFault } from '../scenario/plan.ts'
import { DEFAULT_WIRE } from '../scenario/wire-config.ts'
import { StreamHarness } from './stream-harness.ts'
import { makeTestWorld, type TestWorld, type TestWorldOptions } from './test-world.ts'

/** Three round trips of 20 ms: the first stream is open. */
export const OPEN_US = 60_000

type Unnamed<F> = F extends NetworkFault ? Omit<F, 'id' | 'devices'> & { readonly devices?: readonly string[] } : never
export type FaultPart = Unnamed<NetworkFault>

export interface FaultyNet extends TestWorld {
  readonly harness: StreamHarness
  readonly transport: WebSocketTransport
}

/** With an open stream, 10 ms each way. Faults are called f0, f1, ... and hit A unless they say otherwise. */
export function makeFaultyNet(faults: readonly FaultPart[], options: TestWorldOptions = {}): FaultyNet {
  const net = makeTestWorld(options)
  const [device, server] = net.hosts
  const harness = new StreamHarness(device)
  const transport = new WebSocketTransport({ device, server, link: net.link, listener: harness }, DEFAULT_WIRE)
  harness.dial(transport)
  const devices = new Map([['A', { host: device, link: net.link, transport }]])
  faults.forEach((fault, index) => scheduleFault(net.world, { devices: ['A', 'unknown'], ...fault, id: `f${index}` }, { devices, servers: ['server'], wire: DEFAULT_WIRE }))
  net.until(OPEN_US)
  return { ...net, harness, transport }
}

/** The marks of the faults, in order. */
export function marksOf(net: TestWorld): readonly Pick<FaultEvent, 'fault' | 'phase' | 'hit' | 'atUs'>[] {
  return net.world.recorder.events.filter((event): event is FaultEvent => event.kind === 'fault').map(({ fault, phase, hit, atUs }) => ({ fault, phase, hit, atUs }))
}

/** Sends a request when the time has come; what became of it, and when. */
export function requestAt(net: FaultyNet, atUs: number, timeoutUs: number): { result: unknown; atUs: number } {
  const outcome: { result: unknown; atUs: number } = { result: null, atUs: -1 }
  net.kernel.at(atUs, () => {
    net.transport.request({ method: 'GET', path: '/d', document: 'd', body: new Uint8Array(0) }, timeoutUs, (result) => {
      outcome.result = 'failed' in result ? result.failed : result.status
      outcome.atUs = net.kernel.nowUs
    })
  })
  return outcome
}
