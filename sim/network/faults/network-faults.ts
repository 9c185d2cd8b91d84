/**
 * Turns the faults of a plan that concern the network into what they do to links and transports, and marks in the history what they
 * hit: frames in flight when it struck, packets that met the cut and frames sent into the void while it lasted.
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
  let before = 0
  const losses = (): number => hit.reduce((sum, { link }) => sum + link.packetsCut, 0)
    + fault.devices.reduce((sum, id) => sum + recorder.framesLost(id), 0)
  const record = (phase: 'begin' | 'end', hits: number): void => {
    recorder.record({ kind: 'fault', atUs: kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase, hit: hits })
  }
  world.strikes.schedule(fault, () => {
    before = losses()
    for (const { link, transport } of hit) {
      if (fault.type === 'partition') link.partition()
      if (fault.type === 'offline') link.goOffline()
      if (fault.type !== 'partition') transport.reset(fault.type === 'break')
    }
    record('begin', losses() - before)
  }, () => {
    for (const { link } of hit) {
      if (fault.type === 'partition') link.heal()
      if (fault.type === 'offline') link.comeOnline()
    }
    record('end', losses() - before)
  })
}
