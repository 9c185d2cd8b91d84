/**
 * Turns the faults of a plan that concern the network into what they do to links, middleboxes, proxies and transports,
 * and marks in the history what they hit: frames in flight when it struck, packets that met it while it lasted,
 * connections, attempts that a proxy blocked. A fault that names a server hits the way of every device to it.
 */
import type { World } from '../../host/host.ts'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import type { NetworkFault } from '../../scenario/plan.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { HostId } from '../../values.ts'
import type { AccessLink } from '../access-link.ts'
import type { Severed } from '../middlebox.ts'
import type { Transport } from '../transport.ts'

/** What a fault can reach of a device. */
export interface FaultTarget {
  readonly host: { readonly id: HostId; readonly index: number }
  readonly link: AccessLink
  readonly transport: Transport
}

export interface Network {
  readonly devices: ReadonlyMap<HostId, FaultTarget>
  readonly servers: readonly HostId[]
  readonly wire: WireConfig
}

/** What a fault does to one link and its users, and what it has hit there since the run began. */
interface Injection {
  readonly begin: () => void
  readonly end: () => void
  readonly hits: () => number
}

const nothing = (): void => undefined

export function scheduleFault(world: World, fault: NetworkFault, { devices, servers, wire }: Network): void {
  const { kernel, recorder } = world
  const targets = fault.devices.some((id) => servers.includes(id)) ? [...devices.values()] : fault.devices.flatMap((id) => devices.get(id) ?? [])
  // Whoever shares a link is hit through it once.
  const links = [...new Set(targets.map(({ link }) => link))]
  const injections = links.map((link) => injectionOf(world, fault, link, targets.filter((target) => target.link === link), wire))
  const hits = (): number => injections.reduce((sum, injection) => sum + injection.hits(), 0)
  const oneWay = 'direction' in fault && fault.direction !== undefined && fault.direction !== 'both' ? { direction: fault.direction } : {}
  let before = 0
  const record = (phase: 'begin' | 'end'): void => {
    recorder.record({ kind: 'fault', atUs: kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase, hit: hits() - before, ...oneWay })
  }
  world.strikes.schedule(fault, () => {
    before = hits()
    for (const { begin } of injections) begin()
    record('begin')
  }, () => {
    for (const { end } of injections) end()
    record('end')
  })
}

function injectionOf(world: World, fault: NetworkFault, link: AccessLink, users: readonly FaultTarget[], wire: WireConfig): Injection {
  const lost = (): number => users.reduce((sum, { host }) => sum + world.recorder.framesLost(host.id), link.packetsCut)
  const reset = (serverIsTold: boolean): void => { for (const { transport } of users) transport.reset(serverIsTold) }
  const cutOff = severed(world, users[0].host.index, wire)
  switch (fault.type) {
    case 'partition': return { begin: () => link.partition(fault.direction), end: () => link.heal(fault.direction), hits: lost }
    case 'clog': return { begin: () => link.clog(fault.direction), end: () => link.release(fault.direction), hits: () => link.packetsHeld }
    case 'break': return { begin: () => reset(true), end: nothing, hits: lost }
    case 'offline': return {
      begin: () => {
        link.goOffline()
        reset(false)
      },
      end: () => link.comeOnline(),
      hits: lost,
    }
    case 'switch': return {
      begin: () => {
        // Named after the fault: another fault more or less changes no weather of this network (D4).
        link.switchTo(fault.link, new KeyedRandom(`${world.masterKey} network ${fault.id}`))
        reset(false)
      },
      end: nothing,
      hits: lost,
    }
    case 'reset': {
      let connections = 0
      return { begin: () => { connections += link.box.reset(cutOff) }, end: nothing, hits: () => connections }
    }
    case 'black-hole': {
      let connections = 0
      return {
        begin: () => {
          link.swallow()
          connections += link.box.forget(cutOff)
        },
        end: () => link.forward(),
        hits: () => connections + link.connectionsSwallowed,
      }
    }
    case 'slow-close': return { begin: () => link.box.hold(), end: () => link.box.release(), hits: () => link.box.heldSoFar }
    case 'proxy-block': {
      let unblock = nothing
      return { begin: () => { unblock = link.proxy.block(fault.transport, fault.how) }, end: () => unblock(), hits: () => link.proxy.hits }
    }
    case 'dns-failure': return { begin: () => link.loseResolver(), end: () => link.findResolver(), hits: () => link.lookUpsFailed }
  }
}

/** A device that holds a connection which leads nowhere does not count as connected (H3), and its kernel will find out. */
function severed({ quiescence }: World, index: number, { tcpKeepAliveUs }: WireConfig): Severed {
  return (flow) => {
    flow.keepAlive(tcpKeepAliveUs)
    quiescence.begin(index, 'offline')
    return () => {
      flow.keepAlive(null)
      quiescence.end(index, 'offline')
    }
  }
}
