import { describe, expect, test } from 'vitest'
import { NodePool } from './node-pool.ts'

const nothing = (): void => undefined
const GENERATION_WORD = 3
const GENERATION_LAST = 0x1ff_ffff

describe('NodePool', () => {
  test('D2: a node is reused under a new handle, and the old handle names nothing', () => {
    const pool = new NodePool(2)
    const first = pool.take(nothing)
    const handle = pool.handleOf(first)
    expect(pool.nodeOf(handle)).toBe(first)
    expect(pool.release(first)).toBe(nothing)
    expect(pool.nodeOf(handle)).toBe(0)
    expect(pool.take(nothing)).toBe(first)
    expect(pool.nodeOf(handle)).toBe(0)
    expect(pool.handleOf(first)).not.toBe(handle)
  })

  test('D2: a node whose generations are used up is retired; its last handle is a safe integer', () => {
    const pool = new NodePool(2)
    const worn = pool.take(nothing)
    pool.words[worn + GENERATION_WORD] = GENERATION_LAST
    const handle = pool.handleOf(worn)
    expect(Number.isSafeInteger(handle)).toBe(true)
    expect(pool.nodeOf(handle)).toBe(worn)
    pool.release(worn)
    expect(pool.nodeOf(handle)).toBe(0)
    expect(Array.from({ length: 50 }, () => pool.take(nothing))).not.toContain(worn)
  })

  test('D2: growing keeps nodes, handles and callbacks; slots are never handed out', () => {
    const pool = new NodePool(8, 4)
    const nodes = Array.from({ length: 500 }, () => pool.take(nothing))
    expect(new Set(nodes).size).toBe(500)
    expect(Math.min(...nodes)).toBe(8 * 4)
    expect(nodes.every((node) => pool.nodeOf(pool.handleOf(node)) === node)).toBe(true)
    expect(nodes.every((node) => pool.release(node) === nothing)).toBe(true)
  })
})
