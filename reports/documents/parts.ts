/** Pieces that several documents share. Documents are strict: a key that the schema does not name is a defect. */
import { z } from 'zod'

export const digestSchema = z.string().regex(/^[0-9a-f]{16,}$/).describe('Hex digest over the whole trace of a run.')

export const dataTypeSchema = z.enum(['register', 'counter', 'set', 'list', 'text'])

/** The data type a verdict speaks of; `any` for the run as a whole. */
export const judgedTypeSchema = z.union([dataTypeSchema, z.literal('any')])

export const verdictNameSchema = z.enum(['holds', 'violated', 'vacuous', 'not-applicable'])

/** What the strategy says about the property; null where it says nothing. */
export const claimedSchema = z.enum(['holds', 'holds-if', 'violated', 'not-applicable']).nullable()

/** Null where the claim cannot be judged: an expected violation in one run, a vacuous verdict, too few seeds. */
export const asClaimedSchema = z.boolean().nullable()

export const evidenceSchema = z.strictObject({
  what: z.string(),
  edit: z.string().optional(),
  host: z.string().optional(),
  atUs: z.number().int().optional(),
})

export const metricsSchema = z.record(z.string(), z.union([z.number(), z.record(z.string(), z.number())]))

export const countsSchema = z.record(z.string(), z.number().int().nonnegative())
