/** `compare --json`: every strategy over the same seeds, and the differences seed by seed. */
import { z } from 'zod'
import { asClaimedSchema, claimedSchema, digestSchema, judgedTypeSchema } from './parts.ts'

/** 95 % confidence interval; a bound is null where there are too few seeds for one. */
const ci95Schema = z.tuple([z.number().nullable(), z.number().nullable()])

export const compareDocumentSchema = z.strictObject({
  schema: z.literal('syncstorm.compare/1'),
  scenario: z.string(),
  /** The seeds that were finished, in the order asked for. */
  seeds: z.array(z.string()),
  strategies: z.array(z.strictObject({
    name: z.string(),
    digests: z.record(z.string(), digestSchema),
    verdicts: z.array(z.strictObject({
      property: z.string(),
      type: judgedTypeSchema,
      holds: z.number().int().nonnegative(),
      violated: z.number().int().nonnegative(),
      vacuous: z.number().int().nonnegative(),
      claimed: claimedSchema,
      asClaimed: asClaimedSchema,
      /** For a claimed violation not yet seen: how many more seeds of its witness scenario it may take. */
      seedsNeeded: z.number().int().nonnegative().optional(),
    })),
    metrics: z.record(z.string(), z.strictObject({
      n: z.number().int().nonnegative(),
      mean: z.number(),
      p50: z.number(),
      p95: z.number(),
      p99: z.number(),
      ci95: ci95Schema,
    })),
  })),
  paired: z.array(z.strictObject({
    metric: z.string(),
    a: z.string(),
    b: z.string(),
    /** Mean over the seeds of a's value less b's. */
    meanDifference: z.number(),
    ci95: ci95Schema,
    /** Share of the seeds in which a has the smaller value; ties count half. */
    aWins: z.number().min(0).max(1),
  })),
})

export type CompareDocument = z.infer<typeof compareDocumentSchema>
export type ComparedStrategy = CompareDocument['strategies'][number]
export type CampaignVerdict = ComparedStrategy['verdicts'][number]
export type MetricSummary = ComparedStrategy['metrics'][string]
