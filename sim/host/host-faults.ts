/**
 * Turns the faults of a plan that concern hosts into what they do to machines, disks and clocks, and marks in
 * the history what they hit: unfinished work and writes lost, timers frozen, writes refused, records that a checksum
 * does not vouch for, a clock that a running process could read.
 */
import { openStream } from '../kernel/random-streams.ts'
import type { HostFault } from '../scenario/plan.ts'
import type { HostId } from '../values.ts'
import type { World } from './host.ts'
import type { Machine } from './machine.ts'

/**
 * What a fault does to one host: at its beginning and at its end. Each returns what it has hit. `last` comes before
 * the end, for all hosts before any of them goes on: tabs of one machine fall and rise together.
 */
interface Injection {
  readonly begin: () => number
  readonly last?: () => number
  readonly end: () => number
}

export function scheduleHostFault(world: World, fault: HostFault, machines: ReadonlyMap<HostId, Machine>): void {
  const { kernel, recorder } = world
  const injections = fault.devices.flatMap((id) => {
    const machine = machines.get(id)
    return machine === undefined ? [] : [injectionOf(fault, machine)]
  })
  let hits = 0
  const record = (phase: 'begin' | 'end'): void => {
    recorder.record({ kind: 'fault', atUs: kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase, hit: hits })
  }
  world.strikes.schedule(fault, () => {
    // The beginning is told first, so that what happens at once stands behind it.
    record('begin')
    for (const { begin } of injections) hits += begin()
  }, () => {
    for (const { last } of injections) hits += last?.() ?? 0
    for (const { end } of injections) hits += end()
    record('end')
  })
}

function injectionOf(fault: HostFault, machine: Machine): Injection {
  const { host } = machine
  const runs = (): number => host.isUp ? 1 : 0
  switch (fault.type) {
    case 'crash': return { begin: () => machine.stop('power'), end: started(machine) }
    case 'kill': return { begin: () => machine.stop('kill'), end: started(machine) }
    case 'restart': return { begin: () => machine.stop('restart'), end: started(machine) }
    case 'torn-write': {
      let goOn = (): void => undefined
      return {
        begin: () => {
          goOn = host.disk.stall()
          return 0
        },
        last: () => {
          const hit = machine.stop('power-torn')
          goOn()
          return hit
        },
        end: started(machine),
      }
    }
    case 'failover': return {
      begin: () => machine.stop('power'),
      // Another machine, with another clock: what the primary had synced is on its disk too.
      end: () => {
        host.clock.step(fault.byUs)
        machine.start()
        return 0
      },
    }
    case 'suspend': case 'hide': {
      const { type } = fault
      return {
        begin: () => machine.suspend(fault.id, type),
        last: () => machine.stir(fault.id),
        end: () => {
          machine.wake(fault.id)
          return 0
        },
      }
    }
    case 'bit-rot': {
      let before = 0
      host.disk.keepLog()
      return {
        begin: () => {
          const which = openStream(host.world.masterKey, `rot ${fault.id} ${host.id}`)
          before = host.disk.unvouched
          host.disk.rot((totalBytes) => which.below(totalBytes), which.between(1, 255))
          return 0
        },
        last: () => {
          machine.stop('restart')
          host.disk.verify() // at the latest: another fault may keep the process down
          return host.disk.unvouched - before
        },
        end: started(machine),
      }
    }
    case 'stall': return { begin: () => machine.stall(fault.id), end: () => machine.resume(fault.id) }
    case 'quota': case 'disk-error': {
      let goOn = (): void => undefined
      let before = 0
      return {
        begin: () => {
          before = host.disk.refused
          goOn = host.disk.refuse(fault.type === 'quota' ? 'quota' : 'io')
          return 0
        },
        end: () => {
          goOn()
          return host.disk.refused - before
        },
      }
    }
    case 'step': return { begin: () => stepped(machine, fault.byUs), end: () => 0 }
    case 'skew': return { begin: () => stepped(machine, fault.byUs), end: () => { host.clock.step(-fault.byUs); return 0 } }
    case 'drift': return {
      begin: () => { host.clock.drift(host.clock.driftPpm + fault.ppm); return runs() },
      end: () => { host.clock.drift(host.clock.driftPpm - fault.ppm); return 0 },
    }
  }
}

function started(machine: Machine): () => number {
  return () => {
    machine.start()
    return 0
  }
}

function stepped({ host }: Machine, byUs: number): number {
  host.clock.step(byUs)
  return host.isUp ? 1 : 0
}
