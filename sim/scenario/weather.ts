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
import { MAX_FAULTS } from './limits.ts'
import type { Fault } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { expandTabs } from './tabs.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { drawUs, poissonTimes } from './workloads/workload-context.ts'
import type { Weather } from './weather-schema.ts'

/** All faults in time order; none ends after `durationUs`. A device that has several tabs is hit with all of them. */
export function expandWeather(scenario: Scenario, seed: string, devices: readonly string[], durationUs: number): readonly Fault[] {
  const key = masterKey(seed)
  const faults = scenario.weather.flatMap((entry) => expandEntry(entry, key, devices, durationUs, scenario.name))
    .map((fault) => ({ ...fault, devices: expandTabs(scenario.devices, fault.devices) }))
  return faults.sort((a, b) => a.atUs - b.atUs)
}

function expandEntry(
  entry: DeepReadonly<Weather>, key: string, allDevices: readonly string[], durationUs: number, where: string,
): readonly Fault[] {
  const random = openStream(key, `weather/${entry.name}`)
  const devices = entry.devices ?? allDevices
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
    const base = {
      id: `${entry.name}.${index + 1}`,
      atUs,
      untilUs: 'durationMs' in entry ? Math.min(durationUs, atUs + drawUs(random, entry.durationMs)) : atUs,
      devices: entry.hits === 'all' ? devices : [random.pick(devices)],
    }
    switch (entry.type) {
      case 'step': case 'skew': {
        const [minUs, maxUs] = [microsecondsOf(entry.byMs.min), microsecondsOf(entry.byMs.max)]
        return { ...base, type: entry.type, byUs: random.between(minUs, maxUs) }
      }
      case 'drift': return { ...base, type: entry.type, ppm: entry.ppm.min + random.unit() * (entry.ppm.max - entry.ppm.min) }
      case 'proxy-block': return { ...base, type: entry.type, transport: entry.transport, how: entry.how }
      default: return { ...base, type: entry.type }
    }
  })
}
