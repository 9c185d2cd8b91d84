/** `replay --json`: whether a counterexample still does what its file says, told as a story. */
import { z } from 'zod'
import { runDocumentSchema } from './run-document.ts'

export const replayDocumentSchema = z.strictObject({
  schema: z.literal('syncstorm.replay/1'),
  reproduced: z.boolean(),
  story: z.array(z.string()),
  run: runDocumentSchema,
})

export type ReplayDocument = z.infer<typeof replayDocumentSchema>
