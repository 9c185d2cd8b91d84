import { expect, test } from 'vitest'
import type { Counterexample } from '../properties/search/counterexample.ts'
import { fuzzDocumentSchema } from './documents/fuzz-document.ts'
import { makeFuzzDocument, type FuzzReport } from './fuzz-report.ts'
import { renderFuzz } from './terminal/fuzz-lines.ts'
import { makePaint } from './terminal/paint.ts'

const report: FuzzReport = {
  scenario: 'desk', strategy: 'lww', seed: '1', runs: 600, wallMs: 2000, stopped: false, unmetFloors: [], finds: [],
  coverage: { edits: 1200, concurrentPairs: 340, faults: 7, faultsThatHit: 5 },
}
const found: FuzzReport = {
  ...report,
  finds: [{
    property: 'no-lost-write', type: 'text', reason: 'one lost', foundAtRun: 12, devices: 2, edits: 3, faults: 0, shrinks: 9, minimal: 'proven',
    counterexample: { story: ['A writes x', 'B writes y'] } as unknown as Counterexample,
  }],
}
const style = { width: 80, paint: makePaint(false) }

test('the document names the file of each find, and validates', () => {
  const document = makeFuzzDocument(found, ['out/a.json'])
  expect(fuzzDocumentSchema.parse(document)).toEqual(document)
  expect(document).toMatchObject({
    runsPerSecond: 300, counterexamples: [{ property: 'no-lost-write', file: 'out/a.json', devices: 2, edits: 3, faults: 0, shrinks: 9, minimal: 'proven' }],
  })
})

test('H7: a search that found nothing says what it tried, and what that is worth', () => {
  const text = renderFuzz(report, makeFuzzDocument(report, []), style).replaceAll('\n', ' ')
  expect(text).toContain('nothing found')
  expect(text).toContain('600 runs in 2.0 s (300/s); 1,200 edits, 340 concurrent pairs, 7 faults, 5 of them hit')
  expect(text).toContain('fewer than about 1 in 200 runs') // the rule of three
})

test('F2: a find is told as a story, with its file', () => {
  const text = renderFuzz(found, makeFuzzDocument(found, ['out/a.json']), style)
  expect(text).toContain('  A writes x\n  B writes y\n')
  expect(text).toContain('out/a.json')
  expect(text.replaceAll('\n', ' ')).toContain('shrunk to 2 devices, 3 edits and 0 faults')
  expect(text).not.toContain('fewer than about')
})
