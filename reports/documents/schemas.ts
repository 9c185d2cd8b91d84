/** The published JSON Schemas, by the name of the document. */
import { z } from 'zod'
import { planJsonSchema, scenarioJsonSchema } from '../../sim/index.ts'
import { benchDocumentSchema } from './bench-document.ts'
import { compareDocumentSchema } from './compare-document.ts'
import { counterexampleFileSchema } from './counterexample-file.ts'
import { fuzzDocumentSchema } from './fuzz-document.ts'
import { listDocumentSchema } from './list-document.ts'
import { replayDocumentSchema } from './replay-document.ts'
import { runDocumentSchema } from './run-document.ts'

const DOCUMENTS = {
  run: runDocumentSchema,
  compare: compareDocumentSchema,
  fuzz: fuzzDocumentSchema,
  replay: replayDocumentSchema,
  list: listDocumentSchema,
  counterexample: counterexampleFileSchema,
  bench: benchDocumentSchema,
} as const

export function documentSchemas(): Readonly<Record<string, unknown>> {
  return {
    scenario: scenarioJsonSchema(),
    plan: planJsonSchema(),
    ...Object.fromEntries(Object.entries(DOCUMENTS).map(([name, schema]) =>
      [name, { $id: `syncstorm.${name}/1`, ...z.toJSONSchema(schema) }])),
  }
}
