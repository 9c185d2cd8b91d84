import { describe, expect, test } from 'vitest'
import { startProgress } from './progress.ts'

function setUp(isTerminal: boolean) {
  let written = ''
  let nowMs = 0
  const progress = startProgress({
    what: 'compare', unit: 'seeds', total: 50, nowMs: () => nowMs,
    sink: { isTerminal, columns: 80, colour: false, write: (text) => { written += text } },
  })
  return { progress, at: (ms: number) => { nowMs = ms }, written: () => written }
}

describe('progress', () => {
  test('off a terminal: a plain line every few seconds, no control characters', () => {
    const { progress, at, written } = setUp(false)
    progress.update(0)
    at(1_000); progress.update(10)
    at(2_500); progress.update(25)
    at(3_000); progress.update(30)
    at(5_000); progress.update(50)
    progress.end()
    expect(written()).toBe([
      'compare: 0/50 seeds', 'compare: 25/50 seeds, 10.0/s, 2.5 s left', 'compare: 50/50 seeds, 10.0/s, 0.0 s left', '',
    ].join('\n'))
  })

  test('on a terminal: one line that rewrites itself, and is gone at the end', () => {
    const { progress, at, written } = setUp(true)
    at(10); progress.update(0)
    at(50); progress.update(1)
    at(200); progress.update(2)
    progress.end()
    const lines = written().split('\r\u001b[2K')
    expect(lines).toEqual(['', 'compare: 0/50 seeds', 'compare: 2/50 seeds, 10.0/s, 4.8 s left', ''])
  })
})
