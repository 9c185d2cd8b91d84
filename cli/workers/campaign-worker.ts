/** Worker thread of `compare`: makes the plan of a seed once and runs it under every strategy (D5). */
import { workerData } from 'node:worker_threads'
import { runSeed, type CampaignSetup } from '../campaign/run-seed.ts'
import { serve } from './serve.ts'

const setup = workerData as CampaignSetup

serve((seed: string) => runSeed(setup, seed))
