/** Runs a plan and expects of its end what must be true of any, for tests over random plans. */
import { expect } from 'vitest'
import type { StrategyModule } from '../contract.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Plan } from '../scenario/plan.ts'
import { validatePlan } from '../scenario/plan-schema.ts'

/** What must be true of the end of any run, whatever the weather was. */
export async function expectQuiet(plan: Plan, module: StrategyModule): Promise<Run> {
  validatePlan(JSON.parse(JSON.stringify(plan)), 'generated')
  const strategy = await module.load(() => Promise.reject(new Error('needs no library')))
  const run = runPlan(plan, module, strategy, { createHasher: () => new Sha256(), maxEvents: 200_000 })
  const { events } = run.history
  expect(events.at(-1)).toMatchObject({ kind: 'quiet', result: 'quiet', pending: [] })
  const ends = new Map<number, number>()
  for (const event of events) if (event.kind === 'frame' && event.state !== 'sent') ends.set(event.frame, (ends.get(event.frame) ?? 0) + 1)
  for (const event of events) {
    if (event.kind !== 'frame' || event.state !== 'sent') continue
    const count = ends.get(event.frame) ?? 0
    // Only control frames may be on their way when a world is quiet.
    if (event.traffic === 'control') expect(count).toBeLessThanOrEqual(1)
    else expect(count, `ends of frame ${event.frame}`).toBe(1)
  }
  expect(events.filter(({ kind }) => kind === 'fault').length).toBe(2 * plan.faults.length)
  return run
}

/** And where no process ends. */
export async function expectSound(plan: Plan, module: StrategyModule): Promise<Run> {
  const run = await expectQuiet(plan, module)
  const { events } = run.history
  const edits = events.filter(({ kind }) => kind === 'edit').length
  expect(edits).toBe(plan.intentions.length)
  expect(events.filter(({ kind }) => kind === 'settled').length).toBe(edits)
  return run
}
