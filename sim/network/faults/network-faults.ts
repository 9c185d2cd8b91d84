/**
 * Turns the faults of a plan that concern the network into what they do to links and transports, and marks in the history what they
 * hit: frames in flight when it struck, packets that met the cut and frames sent into the void while it lasted;
 * streams that a proxy cut, and attempts that it blocked.
 */
import type { World } from '../../host/host.ts'
import type { NetworkFault } from '../../scenario/plan.ts'
import type { HostId } from '../../values.ts'
import type { AccessLink } from '../access-link.ts'
import type { Transport } from '../transport.ts'

/** What a fault can reach of a device. */
export interface FaultTarget {
  readonly link: AccessLink
  readonly transport: Transport
}

export function scheduleFault(world: World, fault: NetworkFault, targets: ReadonlyMap<HostId, FaultTarget>): void {
  const { kernel, recorder } = world
  const hit = fault.devices.flatMap((id) => targets.get(id) ?? [])
  // Tabs of one machine share a link.
  const links = [...new Set(hit.map(({ link }) => link))]
  let before = 0
  const losses = (): number => fault.type === 'proxy-block' ? links.reduce((sum, { proxy }) => sum + proxy.hits, 0)
    : links.reduce((sum, link) => sum + link.packetsCut, 0) + fault.devices.reduce((sum, id) => sum + recorder.framesLost(id), 0)
  let unblock: readonly (() => void)[] = []
  const record = (phase: 'begin' | 'end', hits: number): void => {
    recorder.record({ kind: 'fault', atUs: kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase, hit: hits })
  }
  kernel.at(fault.atUs, () => {
    before = losses()
    if (fault.type === 'proxy-block') unblock = links.map(({ proxy }) => proxy.block(fault.transport, fault.how))
    for (const link of links) {
      if (fault.type === 'partition') link.partition()
      if (fault.type === 'offline') link.goOffline()
    }
    for (const { transport } of hit) if (fault.type === 'break' || fault.type === 'offline') transport.reset(fault.type === 'break')
    record('begin', losses() - before)
  })
  kernel.at(fault.untilUs, () => {
    for (const end of unblock) end()
    for (const link of links) {
      if (fault.type === 'partition') link.heal()
      if (fault.type === 'offline') link.comeOnline()
    }
    record('end', losses() - before)
  })
}
