/** `run --json`: one run, judged. */
import { z } from 'zod'
import {
  asClaimedSchema, claimedSchema, countsSchema, digestSchema, evidenceSchema, judgedTypeSchema, metricsSchema, verdictNameSchema,
} from './parts.ts'

export const runDocumentSchema = z.strictObject({
  schema: z.literal('syncstorm.run/1'),
  scenario: z.string(),
  strategy: z.string(),
  seed: z.string(),
  digest: digestSchema,
  simulatedMs: z.number().nonnegative(),
  wallMs: z.number().nonnegative(),
  events: z.number().int().nonnegative(),
  quiescent: z.boolean(),
  verdicts: z.array(z.strictObject({
    property: z.string(),
    type: judgedTypeSchema,
    verdict: verdictNameSchema,
    claimed: claimedSchema,
    asClaimed: asClaimedSchema,
    reason: z.string(),
    evidence: z.array(evidenceSchema).max(10).optional(),
  })),
  metrics: metricsSchema,
  coverage: countsSchema,
})

export type RunDocument = z.infer<typeof runDocumentSchema>
