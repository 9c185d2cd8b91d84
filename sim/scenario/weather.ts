/**
 * Expands a scenario's weather into explicit faults with their times, devices and ids.
 *
 * Each entry draws from a random stream of its own name, so that removing one leaves the others as they were
 * (D4). Faults of different entries, and of one entry, may overlap on a device: real networks fail that way.
 */
import { masterKey } from '../kernel/keyed-random.ts'
import { openStream } from '../kernel/random-streams.ts'
import { BadInput } from '../bad-input.ts'
import type { DeepReadonly } from './deep-readonly.ts'
import { FAULT_TRAITS } from './fault-traits.ts'
import { MAX_FAULTS } from './limits.ts'
import { hostsWith, type Fault, type Moment } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { drawUs, poissonTimes } from './workloads/workload-context.ts'
import type { Weather } from './weather-schema.ts'

/** All faults in time order; none ends after `durationUs`. */
export function expandWeather(scenario: Scenario, seed: string, devices: readonly string[], durationUs: number): readonly Fault[] {
  const key = masterKey(seed)
  const servers = scenario.servers.map(({ id }) => id)
  const faults = scenario.weather.flatMap((entry) => expandEntry(entry, key, devices, servers, durationUs, scenario.name))
  return faults.sort((a, b) => a.atUs - b.atUs)
}

function expandEntry(
  entry: DeepReadonly<Weather>, key: string, allDevices: readonly string[], servers: readonly string[], durationUs: number, where: string,
): readonly Fault[] {
  const random = openStream(key, `weather/${entry.name}`)
  const devices = entry.devices ?? (FAULT_TRAITS[entry.type].hits === 'servers' ? servers : allDevices)
  const fromUs = microsecondsOf(entry.fromMs)
  const untilUs = Math.min(durationUs, entry.untilMs === undefined ? durationUs : microsecondsOf(entry.untilMs))
  if (fromUs >= untilUs) return []
  const times = entry.perMinute === undefined
    ? Array.from({ length: entry.count ?? 0 }, () => random.between(fromUs, untilUs - 1)).sort((a, b) => a - b)
    : poissonTimes(random, entry.perMinute, fromUs, untilUs)
  if (times.length > MAX_FAULTS) {
    throw new BadInput({ code: 'too-much', where, path: 'weather', expected: `at most ${MAX_FAULTS} faults`, got: `${times.length} from ${entry.name}` })
  }
  return times.map((atUs, index): Fault => {
    const timed = {
      id: `${entry.name}.${index + 1}`,
      atUs,
      untilUs: 'durationMs' in entry ? Math.min(durationUs, atUs + drawUs(random, entry.durationMs)) : atUs,
      devices: entry.hits === 'all' ? devices : [random.pick(devices)],
    }
    const { when } = entry
    const base = when === undefined ? timed : { ...timed, when: { ...when, host: when.host ?? placeOf(when.event, timed.devices, allDevices, servers) } }
    switch (entry.type) {
      case 'step': case 'skew': case 'failover': {
        const [minUs, maxUs] = [microsecondsOf(entry.byMs.min), microsecondsOf(entry.byMs.max)]
        return { ...base, type: entry.type, byUs: random.between(minUs, maxUs) }
      }
      case 'drift': return { ...base, type: entry.type, ppm: entry.ppm.min + random.unit() * (entry.ppm.max - entry.ppm.min) }
      case 'server-error': return { ...base, ...sharedBy(entry), ...retryAfterOf(entry), type: entry.type, status: entry.status, executes: entry.executes }
      case 'rate-limit': return { ...base, ...sharedBy(entry), ...retryAfterOf(entry), type: entry.type, perSecond: entry.perSecond }
      case 'overload': {
        const { type, slowdown, workers, queue } = entry
        return { ...base, ...sharedBy(entry), ...retryAfterOf(entry), type, slowdown, workers, queue }
      }
      case 'lost-answer': return { ...base, ...sharedBy(entry), type: entry.type }
      case 'duplicate-request': return { ...base, ...sharedBy(entry), type: entry.type, withinUs: drawUs(random, entry.withinMs) }
      case 'lag': return { ...base, ...sharedBy(entry), type: entry.type, lagUs: Math.max(1, drawUs(random, entry.lagMs)) }
      default: return { ...base, type: entry.type }
    }
  })
}

/** Where an occurrence waits for its moment if the scenario does not say. */
function placeOf(moment: Moment, hit: readonly string[], devices: readonly string[], servers: readonly string[]): string {
  const places = hostsWith(moment, devices, servers)
  const [first] = [...hit.filter((id) => places.includes(id)), ...places]
  return first
}

function sharedBy({ share }: { readonly share?: number }): { readonly share?: number } { return share === undefined ? {} : { share } }

function retryAfterOf({ retryAfterMs }: { readonly retryAfterMs?: number }): { readonly retryAfterUs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterUs: microsecondsOf(retryAfterMs) }
}
