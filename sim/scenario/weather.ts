/**
 * Expands a scenario's weather into explicit faults with their times, devices and ids.
 *
 * Each entry draws from a random stream of its own name, so that removing one leaves the others as they were
 * (D4). Patterns become several simple faults, each with an id of its own. Faults of different entries, and of one entry, may overlap on a device: real networks fail that way.
 */
import { masterKey } from '../kernel/keyed-random.ts'
import { openStream, type RandomStream } from '../kernel/random-streams.ts'
import { BadInput } from '../bad-input.ts'
import type { DeepReadonly } from './deep-readonly.ts'
import { FAULT_TRAITS } from './fault-traits.ts'
import { MAX_FAULTS } from './limits.ts'
import { planLink } from './plan-configuration.ts'
import { type Direction, type Fault, hostsWith, type Moment } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { expandTabs } from './tabs.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { drawUs, poissonTimes } from './workloads/workload-context.ts'
import { flap, strikeOf, swizzle } from './weather-patterns.ts'
import type { Weather } from './weather-schema.ts'

type FaultBase = Pick<Fault, 'id' | 'atUs' | 'untilUs' | 'devices' | 'when'>

/** All faults in time order; none ends after `durationUs`. A device that has several tabs is hit with all of them. */
export function expandWeather(scenario: Scenario, seed: string, devices: readonly string[], durationUs: number): readonly Fault[] {
  const key = masterKey(seed)
  const faults = scenario.weather.flatMap((entry) => expandEntry(scenario, entry, key, devices, durationUs))
    .map((fault) => ({ ...fault, devices: expandTabs(scenario.devices, fault.devices) }))
  return faults.sort((a, b) => a.atUs - b.atUs)
}

function expandEntry(
  scenario: Scenario, entry: DeepReadonly<Weather>, key: string, allDevices: readonly string[], durationUs: number,
): readonly Fault[] {
  const random = openStream(key, `weather/${entry.name}`)
  const servers = scenario.servers.map(({ id }) => id)
  const devices = entry.devices ?? (FAULT_TRAITS[strikeOf(entry)].hits === 'servers' ? servers : allDevices)
  const fromUs = microsecondsOf(entry.fromMs)
  const untilUs = Math.min(durationUs, entry.untilMs === undefined ? durationUs : microsecondsOf(entry.untilMs))
  if (fromUs >= untilUs) return []
  const times = entry.perMinute === undefined
    ? Array.from({ length: entry.count ?? 0 }, () => random.between(fromUs, untilUs - 1)).sort((a, b) => a - b)
    : poissonTimes(random, entry.perMinute, fromUs, untilUs)
  const tooMany = (got: string): BadInput => new BadInput({ code: 'too-much', where: scenario.name, path: 'weather', expected: `at most ${MAX_FAULTS} faults`, got })
  if (times.length > MAX_FAULTS) throw tooMany(`${times.length} from ${entry.name}`)
  const faults: Fault[] = []
  for (const [index, atUs] of times.entries()) {
    const timed = {
      id: `${entry.name}.${index + 1}`,
      atUs,
      untilUs: 'durationMs' in entry && entry.durationMs !== undefined ? Math.min(durationUs, atUs + drawUs(random, entry.durationMs)) : atUs,
      devices: !('hits' in entry) || entry.hits === 'all' ? devices : [random.pick(devices)],
    }
    const { when } = entry
    const base = when === undefined ? timed : { ...timed, when: { ...when, host: when.host ?? placeOf(scenario, when.event, timed.devices, allDevices) } }
    faults.push(...occurrence(scenario, entry, base, random))
    if (faults.length > MAX_FAULTS) throw tooMany(`more from ${entry.name}`)
  }
  return faults
}

/** One occurrence of an entry: a fault, or the faults of a pattern, whose ids begin with the occurrence's. */
function occurrence(scenario: Scenario, entry: DeepReadonly<Weather>, base: FaultBase, random: RandomStream): readonly Fault[] {
  switch (entry.type) {
    case 'step': case 'skew': case 'failover': {
      const [minUs, maxUs] = [microsecondsOf(entry.byMs.min), microsecondsOf(entry.byMs.max)]
      return [{ ...base, type: entry.type, byUs: random.between(minUs, maxUs) }]
    }
    case 'drift': return [{ ...base, type: entry.type, ppm: entry.ppm.min + random.unit() * (entry.ppm.max - entry.ppm.min) }]
    case 'partition': case 'clog': return [{ ...base, type: entry.type, ...directed(entry.direction) }]
    case 'proxy-block': return [{ ...base, type: entry.type, transport: entry.transport, how: entry.how }]
    case 'swizzle': {
      if (base.devices.length < 2) {
        throw new BadInput({ code: 'contradiction', where: scenario.name, path: `weather: ${entry.name}`, expected: 'at least 2 devices', got: String(base.devices.length) })
      }
      const windows = swizzle(base.devices, base, random)
      return base.devices.map((device, index) => ({ ...base, ...windows[index], id: `${base.id}.${device}`, type: 'clog', devices: [device], ...directed(entry.direction) }))
    }
    case 'flap': {
      const flapping = { upMeanUs: microsecondsOf(entry.upMs), blockedMeanUs: microsecondsOf(entry.blockedMs), stableUs: microsecondsOf(entry.stableMs) }
      return flap(base, flapping, random, MAX_FAULTS + 1).map((window, index) => ({ ...base, ...window, id: `${base.id}.${index + 1}`, type: entry.by }))
    }
    case 'switch': {
      const away: Fault = { ...base, type: 'switch', untilUs: base.atUs, link: planLink(scenario, entry.link) }
      if (entry.durationMs === undefined) return [away]
      const back = base.devices.map((device): Fault => {
        const home = planLink(scenario, scenario.devices.find(({ id }) => id === device)?.link)
        return { id: `${base.id}.back.${device}`, type: 'switch', atUs: base.untilUs, untilUs: base.untilUs, devices: [device], link: home }
      })
      return [away, ...back]
    }
    case 'server-error': return [{ ...base, ...sharedBy(entry), ...retryAfterOf(entry), type: entry.type, status: entry.status, executes: entry.executes }]
    case 'rate-limit': return [{ ...base, ...sharedBy(entry), ...retryAfterOf(entry), type: entry.type, perSecond: entry.perSecond }]
    case 'overload': {
      const { type, slowdown, workers, queue } = entry
      return [{ ...base, ...sharedBy(entry), ...retryAfterOf(entry), type, slowdown, workers, queue }]
    }
    case 'lost-answer': return [{ ...base, ...sharedBy(entry), type: entry.type }]
    case 'duplicate-request': return [{ ...base, ...sharedBy(entry), type: entry.type, withinUs: drawUs(random, entry.withinMs) }]
    case 'lag': return [{ ...base, ...sharedBy(entry), type: entry.type, lagUs: Math.max(1, drawUs(random, entry.lagMs)) }]
    default: return [{ ...base, type: entry.type }]
  }
}

/** Where an occurrence waits for its moment if the scenario does not say: moments come to processes, which are tabs where there are several. */
function placeOf(scenario: Scenario, moment: Moment, hit: readonly string[], devices: readonly string[]): string {
  const places = hostsWith(moment, expandTabs(scenario.devices, devices), scenario.servers.map(({ id }) => id))
  const [first] = [...expandTabs(scenario.devices, hit).filter((id) => places.includes(id)), ...places]
  return first
}

function sharedBy({ share }: { readonly share?: number }): { readonly share?: number } { return share === undefined ? {} : { share } }

function retryAfterOf({ retryAfterMs }: { readonly retryAfterMs?: number }): { readonly retryAfterUs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterUs: microsecondsOf(retryAfterMs) }
}

function directed(direction: Direction | undefined): { readonly direction?: Direction } {
  return direction === undefined ? {} : { direction }
}
