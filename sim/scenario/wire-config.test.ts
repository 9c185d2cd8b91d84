import { describe, expect, it } from 'vitest'
import { makePlan } from '../index.ts'
import { findScenario } from './catalogue/index.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'
import { DEFAULT_WIRE } from './wire-config.ts'

const planned = (...settings: readonly string[]) => makePlan(validateScenario(setPaths(findScenario('order-desk'), settings), 'order-desk'), 1).wire

describe('settings of the wire', () => {
  it('what nobody sets is the default; what is set reaches the plan', () => {
    expect(planned()).toEqual(DEFAULT_WIRE)
    expect(planned('wire.deflate=0.3', 'wire.backpressure=true', 'wire.receiveBufferBytes=256000000'))
      .toEqual({ ...DEFAULT_WIRE, deflate: 0.3, backpressure: true, receiveBufferBytes: 256_000_000 })
  })

  it.each([
    ['wire.deflate=0', /wire\.deflate: expected .*0\.01/], ['wire.deflate=1.5', /wire\.deflate: expected .*1/],
    ['wire.backpressure=1', /wire\.backpressure: expected .*boolean|true or false/], ['wire.receiveBufferBytes=0.5', /wire\.receiveBufferBytes: expected/],
    ['wire.deflat=1', /deflate/],
  ])('refuses %s, saying what was expected', (setting, message) => {
    expect(() => planned(setting)).toThrow(message)
  })
})
