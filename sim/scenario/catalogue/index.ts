/** The catalogue of named scenarios. */
import { BadInput, showValue } from '../../bad-input.ts'
import { expectedName } from '../nearest-name.ts'
import { completeScenario, type Scenario, type ScenarioInput } from '../scenario-schema.ts'
import { burst200 } from './burst-200.ts'
import { crashRecovery } from './crash-recovery.ts'
import { flapping } from './flapping.ts'
import { longOffline } from './long-offline.ts'
import { manyTabs } from './many-tabs.ts'
import { networkSwitch } from './network-switch.ts'
import { orderDesk } from './order-desk.ts'
import { recorded } from './recorded.ts'
import { sameCaret } from './same-caret.ts'

export const DEFAULT_SCENARIO = 'order-desk'

/** In the order of lists; the default first. */
const CATALOGUE: readonly ScenarioInput[] = [orderDesk, burst200, sameCaret, longOffline, crashRecovery, flapping, networkSwitch, manyTabs, recorded]

/** All named scenarios with their defaults filled in, before any `--set`; `recorded` still lacks its file. */
export function catalogue(): readonly Scenario[] {
  return CATALOGUE.map((scenario) => completeScenario(scenario, `scenario ${scenario.name}`))
}

/** The names, for lists and suggestions. */
export const SCENARIO_NAMES: readonly string[] = CATALOGUE.map((scenario) => scenario.name)

/** The named scenario with its defaults filled in: apply settings, then `validateScenario`. Throws `BadInput`. */
export function findScenario(name: string): Scenario {
  const scenario = CATALOGUE.find((candidate) => candidate.name === name)
  if (scenario === undefined) {
    throw new BadInput({ code: 'unknown-name', where: 'scenario', path: '', expected: expectedName(name, SCENARIO_NAMES), got: showValue(name) })
  }
  return completeScenario(scenario, `scenario ${name}`)
}
