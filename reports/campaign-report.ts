/**
 * What a campaign found: the document of `compare --json`, and beside it what decides the exit code and
 * what a green table has to say about itself: how much was done (H7), and whether it was enough (H1).
 */
import { compareCampaign, floorsOf, type ClaimSettings, type RunCoverage } from '../properties/index.ts'
import type { Claim } from '../sim/contract.ts'
import type { ComparedStrategy, CompareDocument } from './documents/compare-document.ts'
import type { RunDocument } from './documents/run-document.ts'
import type { JudgedRun } from './judged-run.ts'
import { pairStrategies, summariseMetrics } from './summarise-metrics.ts'

export interface CampaignRuns {
  readonly scenario: string
  readonly settings: ClaimSettings
  /** In the order of each seed's runs. */
  readonly modules: readonly { readonly name: string; readonly claims: readonly Claim[] }[]
  /** Finished seeds, in the order asked for. */
  readonly seeds: readonly { readonly seed: string; readonly runs: readonly JudgedRun[] }[]
  readonly wallMs: number
}

export interface CampaignReport {
  readonly document: CompareDocument
  /** Violations, broken claims first, each with the first seed that showed it. */
  readonly violations: readonly Violation[]
  /** Runs that passed their horizon without becoming quiet. */
  readonly notQuiet: number
  /** Runs that the event budget ended; they say nothing. */
  readonly cutShort: number
  /** One line each. */
  readonly unmetFloors: readonly string[]
  readonly done: WorkDone
}

export interface Violation {
  readonly strategy: string
  readonly property: string
  readonly type: string
  /** Null for a claimed violation that should have been seen by now, and was not. */
  readonly seed: string | null
  readonly broken: boolean
}

/** Over all runs of all strategies. */
export interface WorkDone {
  readonly runs: number
  readonly edits: number
  readonly skipped: number
  readonly concurrentPairs: number
  readonly faults: number
  readonly faultsThatHit: number
  readonly wallMs: number
}

export function makeCampaignReport({ scenario, settings, modules, seeds, wallMs }: CampaignRuns): CampaignReport {
  const columns = modules.map((module, index) => ({
    ...module, runs: seeds.flatMap(({ runs }) => runs[index] ?? []),
  }))
  const strategies = columns.map(({ name, claims, runs }): ComparedStrategy => ({
    name,
    digests: Object.fromEntries(runs.map(({ document }) => [document.seed, document.digest])),
    verdicts: compareCampaign(scenario, runs.map(({ document }) => document.verdicts), claims, settings).map((row) => ({
      property: row.property, type: row.type, holds: row.holds, violated: row.violated, vacuous: row.vacuous,
      claimed: row.claimed, asClaimed: row.asClaimed,
      ...(row.seedsNeeded === undefined ? {} : { seedsNeeded: row.seedsNeeded }),
    })),
    metrics: summariseMetrics({ name, metrics: runs.map(({ document }) => document.metrics) }),
  }))
  const all = columns.flatMap(({ runs }) => runs)
  const total = (of: (document: RunDocument) => number): number => all.reduce((sum, { document }) => sum + of(document), 0)
  return {
    document: {
      schema: 'syncstorm.compare/1',
      scenario,
      seeds: seeds.map(({ seed }) => seed),
      strategies,
      paired: pairStrategies(columns.map(({ name, runs }) => ({ name, metrics: runs.map(({ document }) => document.metrics) }))),
    },
    violations: strategies.flatMap((strategy, index) => violationsOf(strategy, columns[index]?.runs ?? []))
      .sort((a, b) => Number(b.broken) - Number(a.broken)),
    notQuiet: all.filter(({ end }) => end === 'horizon').length,
    cutShort: all.filter(({ end }) => end === 'budget').length,
    unmetFloors: columns.flatMap(({ name, runs }) => unmetFloors(name, runs)),
    done: {
      runs: all.length,
      edits: total(({ coverage }) => coverage['edits'] ?? 0),
      skipped: total(({ metrics }) => (typeof metrics['skipped'] === 'number' ? metrics['skipped'] : 0)),
      concurrentPairs: total(({ coverage }) => coverage['concurrentPairs'] ?? 0),
      faults: total(({ coverage }) => coverage['faults'] ?? 0),
      faultsThatHit: total(({ coverage }) => coverage['faultsThatHit'] ?? 0),
      wallMs,
    },
  }
}

function violationsOf({ name, verdicts }: ComparedStrategy, runs: readonly JudgedRun[]): readonly Violation[] {
  return verdicts.filter(({ violated, asClaimed }) => violated > 0 || asClaimed === false).map(({ property, type, asClaimed }) => {
    const shown = runs.find(({ document }) => document.verdicts.some((verdict) =>
      verdict.property === property && verdict.type === type && verdict.verdict === 'violated'))
    return { strategy: name, property, type, seed: shown?.document.seed ?? null, broken: asClaimed === false }
  })
}

/** Each strategy's runs are held to the floors by themselves: one strategy's contention says nothing about another's. */
function unmetFloors(strategy: string, runs: readonly JudgedRun[]): readonly string[] {
  const contended = runs.some(({ contended: meant }) => meant)
  return floorsOf(runs.map(({ document }) => coverageOf(document)), contended ? {} : { pairsPerRun: 0 })
    .filter(({ met }) => !met)
    .map(({ floor, needed, got }) => `${strategy}: ${floor}: ${got} where ${needed} are needed`)
}

function coverageOf({ coverage }: RunDocument): RunCoverage {
  const mark = (name: string): number => coverage[name] ?? 0
  return {
    edits: mark('edits'), answeredEdits: mark('answeredEdits'), acknowledgedEdits: mark('acknowledgedEdits'),
    concurrentPairs: mark('concurrentPairs'), faults: mark('faults'), faultsThatHit: mark('faultsThatHit'),
    changedEnd: mark('changedEnd') > 0 ? 1 : 0,
  }
}
