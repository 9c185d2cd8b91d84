/** `fuzz --json`: what a search did, and what it found. */
import { z } from 'zod'
import { countsSchema } from './parts.ts'

export const fuzzDocumentSchema = z.strictObject({
  schema: z.literal('syncstorm.fuzz/1'),
  scenario: z.string(),
  strategy: z.string(),
  seed: z.string(),
  runs: z.number().int().nonnegative(),
  wallMs: z.number().nonnegative(),
  runsPerSecond: z.number().nonnegative(),
  coverage: countsSchema,
  counterexamples: z.array(z.strictObject({
    property: z.string(),
    file: z.string(),
    devices: z.number().int().positive(),
    edits: z.number().int().nonnegative(),
    faults: z.number().int().nonnegative(),
    decisions: z.number().int().nonnegative(),
    shrinks: z.number().int().nonnegative(),
    minimal: z.enum(['proven', 'budget']),
  })),
})

export type FuzzDocument = z.infer<typeof fuzzDocumentSchema>
