import { expect, test } from 'vitest'
import type { TraceEntry } from '../sim/kernel/trace-digest.ts'
import { describeDifference } from './check-again.ts'

const at = (atUs: number): TraceEntry => ({ entry: 'record', kind: 3, atUs, host: 1, a: 0, b: 9 })

test('D7: a mismatch names the first differing entry', () => {
  expect(describeDifference('aa', 'bb', [at(1), at(5)], [at(1), at(6)]))
    .toContain('trace entry 1: record 3 at 5 us on host 1 (0, 9) against record 3 at 6 us')
  expect(describeDifference('aa', 'bb', [at(1)], [at(1), { entry: 'text', id: 0, text: 'x' }])).toContain('the end against text "x"')
  expect(describeDifference('aa', 'bb', [{ entry: 'bytes', content: Uint8Array.of(1, 255) }], [])).toContain('2 bytes 01ff against the end')
})

test('D7: a difference that does not come back is said to be one', () => {
  expect(describeDifference('aa', 'bb', [at(1)], [at(1)])).toContain('does not come back every time')
})
