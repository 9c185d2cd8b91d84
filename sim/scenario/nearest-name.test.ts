import { describe, expect, it } from 'vitest'
import { expectedName, nearestName } from './nearest-name.ts'

const NAMES = ['order-desk', 'burst-200', 'same-caret', 'recorded'] as const

describe('nearestName', () => {
  it.each([
    ['order-dsek', 'order-desk'],
    ['orderdesk', 'order-desk'],
    ['BURST-200', 'burst-200'],
    ['burst200', 'burst-200'],
    ['record', 'recorded'],
    ['same-carrot', 'same-caret'],
  ])('%s means %s', (typed, meant) => {
    expect(nearestName(typed, NAMES)).toBe(meant)
  })

  it.each(['', 'x', 'zzzzzzzz', 'toothbrush'])('%j means nothing known', (typed) => {
    expect(nearestName(typed, NAMES)).toBeUndefined()
  })

  it('gives a tie to the earlier name, and counts swapped neighbours as one slip', () => {
    expect(nearestName('ac', ['aa', 'ab', 'acd'])).toBe('aa')
    expect(nearestName('abdcef', ['abxyef', 'abcdef'])).toBe('abcdef')
  })

  it('takes a beginning for the only name that begins so', () => {
    expect(nearestName('bu', NAMES)).toBe('burst-200')
    expect(nearestName('lww', ['lww-server', 'version-reject'])).toBe('lww-server')
    expect(nearestName('crdt', ['crdt-automerge', 'crdt-yjs'])).toBeUndefined()
  })

  it('says what exists, with a suggestion where one is near', () => {
    expect(expectedName('recordde', ['recorded', 'same'])).toBe('one of recorded, same (did you mean recorded?)')
    expect(expectedName('qqqqqq', ['recorded', 'same'])).toBe('one of recorded, same')
  })
})
