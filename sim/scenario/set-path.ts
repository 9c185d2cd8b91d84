/**
 * `--set path=value`: changes one value of a scenario.
 *
 * The path must exist in the schema; optional parts that are absent are made. The value is read as JSON if it
 * is JSON, else as text; where the schema wants a text, the text is taken as it stands (so `name=7` is the
 * name "7"). The result is a new scenario of the right shape; whether it is free of contradictions is judged
 * by `validateScenario` after all settings have been made.
 *
 * A network profile excludes a latency and a recording, so setting one takes the other out of the same link; and
 * `link.profile`, which is about the whole scenario, takes the latencies and recordings of single devices with it.
 */
import { BadInput, showValue } from '../bad-input.ts'
import { type JsonPath, parsePath, type PathSegment, renderPath, valueAt } from './json-path.ts'
import { expectedName } from './nearest-name.ts'
import { completeScenario, type Scenario, scenarioJsonSchema } from './scenario-schema.ts'
import { admitsText, knownKeys, schemaAt } from './schema-walk.ts'

const WHERE = '--set'

/**
 * Applies settings in order.
 *
 * @example setPaths(scenario, ['client.invalidation=immediate', 'devices[0].link.latencyMs=300'])
 */
export function setPaths(scenario: Scenario, assignments: readonly string[]): Scenario {
  return assignments.reduce(setPath, scenario)
}

/** Applies one setting, `path=value`. Throws `BadInput`. */
export function setPath(scenario: Scenario, assignment: string): Scenario {
  const { path, value } = parseAssignment(scenario, assignment)
  return completeScenario(withoutOverruled(replaced(scenario, path, value) as Scenario, path), `${WHERE} ${assignment}`)
}

/** Takes out what a profile that is set overrules, and the profile that a set latency or recording overrules. */
function withoutOverruled(scenario: Scenario, path: JsonPath): Scenario {
  const at = path.indexOf('link')
  const key = path[at + 1]
  if ((at !== 0 && at !== 2) || key === undefined || key === 'radio' || key === 'proxy') return scenario
  const settled = (link: Scenario['link']): Scenario['link'] => {
    const { profile, proxy, ...others } = link
    return { ...(key === 'profile' ? { profile } : others), ...(proxy === undefined ? {} : { proxy }) }
  }
  if (path[0] === 'weather') {
    return { ...scenario, weather: scenario.weather.map((entry, index) => index === path[1] && 'link' in entry ? { ...entry, link: settled(entry.link) } : entry) }
  }
  if (at === 0) {
    const devices = key !== 'profile' ? scenario.devices : scenario.devices.map((device) => device.link?.profile === undefined ? { ...device, link: device.link?.proxy === undefined ? undefined : { proxy: device.link.proxy } } : device)
    return { ...scenario, link: settled(scenario.link), devices }
  }
  return { ...scenario, devices: scenario.devices.map((device, index) =>
    index === path[1] && device.link !== undefined ? { ...device, link: settled(device.link) } : device) }
}

function parseAssignment(scenario: Scenario, assignment: string): { path: JsonPath; value: unknown } {
  const equals = assignment.indexOf('=')
  const path = equals < 0 ? undefined : parsePath(assignment.slice(0, equals).trim())
  if (path === undefined) {
    throw new BadInput({
      code: 'bad-value', where: WHERE, path: '',
      expected: 'path=value, such as client.invalidation=immediate or devices[0].link.latencyMs=300', got: showValue(assignment),
    })
  }
  for (let length = 1; length <= path.length; length++) checkSegment(scenario, path.slice(0, length), length === path.length)
  const written = assignment.slice(equals + 1)
  const schema = schemaAt(scenarioJsonSchema(), scenario, path)
  return { path, value: readValue(written, schema !== undefined && admitsText(schema)) }
}

/** Refuses a path whose last segment does not exist where the ones before it lead. */
function checkSegment(scenario: Scenario, path: JsonPath, last: boolean): void {
  const parent = path.slice(0, -1)
  const segment: PathSegment = path[path.length - 1] ?? ''
  const refuse = (expected: string): BadInput => new BadInput({
    code: 'unknown-name', where: WHERE, path: renderPath(path), expected, got: showValue(segment),
  })
  const schema = schemaAt(scenarioJsonSchema(), scenario, parent)
  if (typeof segment === 'number') {
    const array = valueAt(scenario, parent)
    if (schema?.items === undefined) throw refuse('a name, not an index')
    const length = Array.isArray(array) ? array.length : 0
    if (segment < length || (last && segment === length)) return
    throw refuse(length === 0 ? 'index 0 with a whole entry as the value (the array is empty)' : `an index from 0 to ${length - 1}`)
  }
  if (schema?.items !== undefined) throw refuse(`an index in brackets, such as ${renderPath([...parent, 0])}`)
  const known = knownKeys(scenarioJsonSchema(), scenario, parent)
  if (!known.includes(segment)) throw refuse(expectedName(segment, known))
}

function readValue(written: string, wantsText: boolean): unknown {
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    return written
  }
  return wantsText && typeof value !== 'string' && value !== null ? written : value
}

/** A copy of `root` with `value` at `path`; absent objects and array ends on the way are made. */
function replaced(root: unknown, path: JsonPath, value: unknown): unknown {
  const [segment, ...rest] = path
  if (segment === undefined) return value
  const inner = replaced(valueAt(root, [segment]), rest, value)
  if (typeof segment === 'number') {
    const copy: unknown[] = Array.isArray(root) ? [...(root as readonly unknown[])] : []
    copy[segment] = inner
    return copy
  }
  return { ...(root as object | undefined), [segment]: inner }
}
