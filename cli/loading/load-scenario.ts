/** The scenario a command works on: from the catalogue or a file, with `--set` applied and recordings read. */
import { dirname, resolve } from 'node:path'
import { findScenario, makePlan, setPath, validateScenario } from '../../sim/index.ts'
import type { DeliveryTrace, Plan, RecordedSession, Scenario } from '../../sim/index.ts'
import { parseDeliveryTrace } from '../../sim/network/delivery-trace.ts'
import { recordedLinks } from '../../sim/scenario/recorded-links.ts'
import { parseRecordedSession } from '../../sim/scenario/recorded-session.ts'
import { completeScenario } from '../../sim/scenario/scenario-schema.ts'
import { readJsonFile, readTextFile } from './read-json-file.ts'

export interface LoadedScenario {
  readonly scenario: Scenario
  readonly recorded: RecordedSession | undefined
  /** Recorded links, by the names that the scenario gives them. */
  readonly traces: ReadonlyMap<string, DeliveryTrace>
}

/**
 * @param argument a name of the catalogue, or a path (it has a slash, or ends in .json or .gz)
 * @param sets `--set` assignments, applied in order
 * @param workingFolder what relative paths are relative to; a path inside a scenario file is relative to that file
 */
export function loadScenario(argument: string, sets: readonly string[], workingFolder: string): LoadedScenario {
  const file = isPath(argument) ? resolve(workingFolder, argument) : undefined
  const source = file === undefined ? `scenario ${argument}` : argument
  const given = file === undefined ? findScenario(argument) : completeScenario(readJsonFile(file, 'a scenario', argument), source)
  const scenario = validateScenario(sets.reduce(setPath, given), source)
  const inFile = new Set(file === undefined ? [] : recordingsOf(given))
  const locate = (recording: string): string => resolve(file !== undefined && inFile.has(recording) ? dirname(file) : workingFolder, recording)
  const { recorded: session } = scenario.workload
  return {
    scenario,
    recorded: session === undefined ? undefined : parseRecordedSession(readJsonFile(locate(session), 'a recorded session', session), session),
    traces: new Map(recordedLinks(scenario).map((link) =>
      [link, parseDeliveryTrace(readTextFile(locate(link), 'a recorded link: a mahimahi trace, one time in milliseconds per line', link), link)])),
  }
}

function recordingsOf(scenario: Scenario): readonly string[] {
  const { recorded } = scenario.workload
  return [...(recorded === undefined ? [] : [recorded]), ...recordedLinks(scenario)]
}

/** The plan for one seed. A pure function of its arguments, so every worker makes the same one (D5). */
export function planFor({ scenario, recorded, traces }: LoadedScenario, seed: string): Plan {
  return makePlan(scenario, seed, { traces, ...(recorded === undefined ? {} : { recorded }) })
}

export function isPath(argument: string): boolean {
  return /[/\\]/.test(argument) || /\.(json|gz)$/.test(argument)
}
