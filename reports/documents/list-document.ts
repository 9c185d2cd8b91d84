/** `list … --json`: an array of what there is. Some kinds carry more than a name and a summary. */
import { z } from 'zod'
import { claimedSchema, dataTypeSchema, judgedTypeSchema } from './parts.ts'

export const listEntrySchema = z.strictObject({
  name: z.string(),
  summary: z.string(),
  /** Of a strategy. */
  types: z.record(dataTypeSchema, z.enum(['native', 'whole-value', 'none'])).optional(),
  topology: z.array(z.enum(['server', 'peer'])).optional(),
  claims: z.array(z.strictObject({
    property: z.string(),
    type: judgedTypeSchema,
    claim: claimedSchema.unwrap(),
    because: z.string(),
    /** For `holds-if`: the setting of the scenario under which it is claimed. */
    condition: z.strictObject({ setting: z.string(), is: z.string() }).optional(),
    witness: z.strictObject({ scenario: z.string(), seeds: z.number().int().positive() }).optional(),
  })).optional(),
  /** Of a scenario: requirement ids. */
  covers: z.array(z.string()).optional(),
  /** Of a network profile: where its figures are from. */
  source: z.string().optional(),
  /** Of a property: its id in the definitions, and what it is judged on. */
  id: z.string().optional(),
  scope: z.enum(['type', 'run']).optional(),
})

export const listDocumentSchema = z.array(listEntrySchema)

export type ListEntry = z.infer<typeof listEntrySchema>
