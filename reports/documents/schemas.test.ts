import { describe, expect, test } from 'vitest'
import { documentSchemas } from './schemas.ts'
import { runDocumentSchema } from './run-document.ts'

describe('published schemas', () => {
  test('one for each document, each with an id of its own', () => {
    const schemas = documentSchemas()
    expect(Object.keys(schemas)).toEqual(['scenario', 'plan', 'run', 'compare', 'fuzz', 'replay', 'list', 'counterexample', 'bench'])
    for (const [name, schema] of Object.entries(schemas)) {
      expect(schema).toMatchObject({ $id: expect.stringContaining(`syncstorm.${name}`) })
      expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
    }
  })

  test('documents are strict: an unknown key, a NaN and a digest that is none are refused', () => {
    const document = {
      schema: 'syncstorm.run/1', scenario: 's', strategy: 't', seed: '1', digest: '0123456789abcdef', simulatedMs: 1, wallMs: 1, events: 1,
      quiescent: true, verdicts: [], metrics: { lost: 0, refetchesPerDevice: { A: 1 } }, coverage: { edits: 1 },
    }
    expect(runDocumentSchema.safeParse(document).success).toBe(true)
    expect(runDocumentSchema.safeParse({ ...document, extra: 1 }).success).toBe(false)
    expect(runDocumentSchema.safeParse({ ...document, metrics: { lost: Number.NaN } }).success).toBe(false)
    expect(runDocumentSchema.safeParse({ ...document, digest: 'none' }).success).toBe(false)
  })
})
