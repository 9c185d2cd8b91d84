/**
 * Holds the figure of the network model to the generator and, through it, to what the network does. Redraw it with
 * `UPDATE_FIGURES=1 npx vitest run docs/figures`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { PROFILES } from '../../sim/network/profiles/index.ts'
import { networkLatencies } from './network-latencies.ts'

const FILE = join(import.meta.dirname, '..', 'network-latencies.svg')

describe('docs/network-latencies.svg', () => {
  it('A13, R1: is what the generator draws from measurements', () => {
    const drawn = networkLatencies()
    for (const { name } of PROFILES) expect(drawn).toContain(`>${name}</text>`)
    expect(drawn).not.toMatch(/NaN|undefined|Infinity/)
    if (process.env['UPDATE_FIGURES'] !== undefined) writeFileSync(FILE, drawn)
    expect(readFileSync(FILE, 'utf8') === drawn, 'the figure is not what the generator draws: redraw it').toBe(true)
  })
})
