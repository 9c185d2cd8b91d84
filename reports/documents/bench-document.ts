/** `bench --json`: measured claims beside their peers, as ratios of medians from one interleaved run. */
import { z } from 'zod'

export const benchDocumentSchema = z.strictObject({
  schema: z.literal('syncstorm.bench/1'),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  results: z.array(z.strictObject({
    name: z.string(),
    unit: z.string(),
    median: z.number().nonnegative(),
    peers: z.array(z.strictObject({ name: z.string(), median: z.number().nonnegative(), ratio: z.number().nonnegative() })),
  })),
})

export type BenchDocument = z.infer<typeof benchDocumentSchema>
