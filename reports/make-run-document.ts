/** A run and its judgements as the document of `run --json`. */
import { compareRun, ledgerFigures, runCoverage, type Judgement } from '../properties/index.ts'
import { provenanceMetrics } from '../properties/metrics/index.ts'
import type { Claim } from '../sim/contract.ts'
import type { Metrics, Run } from '../sim/history/run-record.ts'
import type { RunDocument } from './documents/run-document.ts'

export interface RunToDocument {
  readonly run: Run
  readonly judgements: readonly Judgement[]
  readonly claims: readonly Claim[]
  readonly wallMs: number
}

export function makeRunDocument({ run, judgements, claims, wallMs }: RunToDocument): RunDocument {
  // What became of each edit is the ledger's to say; its pairs measure coverage, not the strategy.
  const outcomes = Object.fromEntries(Object.entries(ledgerFigures(run.history)).filter(([name]) => name !== 'concurrentPairs'))
  return {
    schema: 'syncstorm.run/1',
    scenario: run.plan.scenario,
    strategy: run.strategy,
    seed: run.plan.seed,
    digest: run.digest,
    simulatedMs: run.simulatedUs / 1000,
    wallMs: Math.round(wallMs * 10) / 10,
    events: run.events,
    quiescent: run.quiescent,
    verdicts: compareRun(judgements, claims, run.plan).map(({ property, type, verdict, claimed, asClaimed, reason, evidence }) => ({
      property, type, verdict, claimed, asClaimed, reason,
      ...(evidence === undefined ? {} : { evidence: evidence.map((entry) => ({ ...entry })) }),
    })),
    metrics: plainMetrics({ ...provenanceMetrics(run.history), ...run.metrics, ...outcomes }),
    coverage: { ...run.coverage, ...runCoverage(run.history) },
  }
}

function plainMetrics(metrics: Metrics): RunDocument['metrics'] {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, typeof value === 'number' ? value : { ...value }]))
}
