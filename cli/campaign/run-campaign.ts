/** Runs a campaign over worker threads, with progress, and reports on the seeds that were finished. */
import { makeCampaignReport, type CampaignReport } from '../../reports/campaign-report.ts'
import type { CommandContext } from '../command-context.ts'
import { startProgress } from '../progress.ts'
import { openThreadWorker } from '../workers/thread-worker.ts'
import { runOrdered, type PoolWorker } from './ordered-pool.ts'
import type { Campaign } from './prepare-campaign.ts'
import type { SeedResult } from './run-seed.ts'

/** Undefined if not a single seed was finished before the interrupt. */
export async function runCampaign(
  campaign: Campaign, interrupted: AbortSignal, context: CommandContext,
  openWorker: () => PoolWorker<string, SeedResult> = () => openThreadWorker('campaign-worker.js', campaign.setup),
): Promise<CampaignReport | undefined> {
  const { seeds, setup, modules, workers } = campaign
  const startedMs = context.nowMs()
  const progress = startProgress({
    what: `compare ${setup.loaded.scenario.name}`, unit: 'seeds', total: seeds.length, sink: context.streams.err, nowMs: context.nowMs,
  })
  progress.update(0)
  const finished = await runOrdered({ tasks: seeds, workers, openWorker, interrupted, onDone: progress.update }).finally(progress.end)
  if (finished.length === 0) return undefined
  return makeCampaignReport({
    scenario: setup.loaded.scenario.name, settings: setup.loaded.scenario, modules, wallMs: context.nowMs() - startedMs,
    seeds: finished.map(({ task, result }) => ({ seed: task, runs: result })),
  })
}
