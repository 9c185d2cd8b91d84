/** The scenario a command works on: from the catalogue or a file, with `--set` applied and recordings read. */
import { dirname, resolve } from 'node:path'
import { findScenario, makePlan, setPath, validateScenario } from '../../sim/index.ts'
import type { Plan, RecordedSession, Scenario } from '../../sim/index.ts'
import { parseRecordedSession } from '../../sim/scenario/recorded-session.ts'
import { completeScenario } from '../../sim/scenario/scenario-schema.ts'
import { readJsonFile } from './read-json-file.ts'

export interface LoadedScenario {
  readonly scenario: Scenario
  readonly recorded: RecordedSession | undefined
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
  const recording = scenario.workload.recorded
  if (recording === undefined) return { scenario, recorded: undefined }
  const inFile = file !== undefined && given.workload.recorded === recording
  const recordingFile = resolve(inFile ? dirname(file) : workingFolder, recording)
  return { scenario, recorded: parseRecordedSession(readJsonFile(recordingFile, 'a recorded session', recording), recording) }
}

/** The plan for one seed. A pure function of its arguments, so every worker makes the same one (D5). */
export function planFor({ scenario, recorded }: LoadedScenario, seed: string): Plan {
  return makePlan(scenario, seed, recorded === undefined ? {} : { recorded })
}

export function isPath(argument: string): boolean {
  return /[/\\]/.test(argument) || /\.(json|gz)$/.test(argument)
}
