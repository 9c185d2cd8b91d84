/**
 * One run, judged: the plan under a loaded strategy, its properties, its claims. What comes back is plain
 * data, so that it is the same from this thread and from a worker.
 */
import { judgeRun } from '../properties/index.ts'
import type { JudgedRun } from '../reports/judged-run.ts'
import { makeRunDocument } from '../reports/make-run-document.ts'
import type { QuietEvent } from '../sim/history/events.ts'
import type { TraceEntry } from '../sim/kernel/trace-digest.ts'
import { runPlan } from '../sim/index.ts'
import type { Plan, Run, StrategyModule } from '../sim/index.ts'
import { createHasher } from './hasher.ts'
import { loadStrategy, loadStrategyModules, strategyNamed, type LoadedStrategy } from './loading/load-strategies.ts'

export function judgedRun(plan: Plan, { module, strategy }: LoadedStrategy): JudgedRun {
  const startedMs = performance.now()
  return judged(runPlan(plan, module, strategy, { createHasher }), module, startedMs)
}

/** Judges a run by every property; `startedMs` is when it began. */
export function judged(run: Run, module: StrategyModule, startedMs: number): JudgedRun {
  const judgements = judgeRun(run.history)
  const wallMs = performance.now() - startedMs
  return {
    document: makeRunDocument({ run, judgements, claims: module.claims, wallMs }),
    end: run.history.events.findLast((event): event is QuietEvent => event.kind === 'quiet')?.result ?? 'budget',
    contended: isContended(run.plan, module),
  }
}

/** Whether two devices are to edit one field of a type that the strategy works on. */
export function isContended(plan: Plan, module: Pick<StrategyModule, 'types'>): boolean {
  return plan.documents.some((document) => document.fields.some((field) =>
    module.types[field.type] !== 'none' && new Set(plan.intentions
      .filter((intention) => intention.document === document.id && intention.field === field.name)
      .map(({ device }) => device)).size > 1))
}

/** A run as a task for a thread: the plan, and the strategy by name. */
export interface RunTask {
  readonly plan: Plan
  readonly strategy: string
}

export async function executeRun({ plan, strategy }: RunTask): Promise<JudgedRun> {
  const module = strategyNamed(strategy, await loadStrategyModules(), '--strategy')
  return judgedRun(plan, await loadStrategy(module))
}

/** Every entry of a run's trace, for finding where two runs part (D7). */
export function traceOf(plan: Plan, { module, strategy }: LoadedStrategy): readonly TraceEntry[] {
  const entries: TraceEntry[] = []
  runPlan(plan, module, strategy, { createHasher, onRecord: (entry) => entries.push(entry) })
  return entries
}
