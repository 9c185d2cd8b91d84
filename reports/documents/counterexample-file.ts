/** The shape of a counterexample file (F2): the whole plan, not only a seed. The plan's own schema is published beside it. */
import { z } from 'zod'
import { digestSchema, evidenceSchema, judgedTypeSchema, verdictNameSchema } from './parts.ts'

export const counterexampleFileSchema = z.strictObject({
  schema: z.literal('syncstorm.counterexample/1'),
  property: z.string(),
  strategy: z.string(),
  /** The strategy options under which it was found. */
  options: z.record(z.string(), z.unknown()),
  /** Of syncstorm and of the strategy's libraries. */
  versions: z.record(z.string(), z.string()),
  plan: z.looseObject({ schema: z.literal('syncstorm.plan/1') }),
  decisions: z.array(z.unknown()),
  digest: digestSchema,
  verdict: z.strictObject({
    type: judgedTypeSchema,
    verdict: verdictNameSchema,
    reason: z.string(),
    evidence: z.array(evidenceSchema).optional(),
  }),
  story: z.array(z.string()),
})
