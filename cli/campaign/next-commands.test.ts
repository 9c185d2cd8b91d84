import { expect, test } from 'vitest'
import type { CampaignReport, Violation } from '../../reports/campaign-report.ts'
import { nextCommands } from './next-commands.ts'

function report(violations: readonly Violation[]): CampaignReport {
  return {
    document: {
      schema: 'syncstorm.compare/1', scenario: 'order-desk', seeds: ['5', '6'], paired: [],
      strategies: [{ name: 'lww-server', digests: {}, verdicts: [], metrics: {} }],
    },
    violations, notQuiet: 0, cutShort: 0, unmetFloors: [],
    done: { runs: 2, edits: 0, skipped: 0, concurrentPairs: 0, faults: 0, faultsThatHit: 0, wallMs: 1 },
  }
}

const asked = { scenario: 'order-desk', set: [] }
const violation = (part: Partial<Violation>): Violation =>
  ({ strategy: 'crdt-yjs', property: 'convergence', type: 'text', seed: '6', broken: false, ...part })

test('the run to look at first shows a broken claim, then a lost write, then any violation', () => {
  const broken = violation({ strategy: 'ot-text', broken: true, seed: '5' })
  const lost = violation({ strategy: 'lww-server', property: 'no-lost-write' })
  const first = (violations: readonly Violation[]): string | undefined => nextCommands(report(violations), asked, 'syncstorm')[0]
  expect(first([violation({}), lost, broken])).toBe('syncstorm run order-desk --strategy ot-text --seed 5')
  expect(nextCommands(report([lost]), asked, 'syncstorm')[1]).toBe('syncstorm fuzz order-desk --strategy lww-server --property no-lost-write')
  expect(first([violation({}), lost])).toBe('syncstorm run order-desk --strategy lww-server --seed 6')
  expect(first([violation({})])).toBe('syncstorm run order-desk --strategy crdt-yjs --seed 6')
  expect(first([])).toBe('syncstorm run order-desk --strategy lww-server --seed 5')
})

test('commands repeat what was asked for, quoted for a shell', () => {
  const commands = nextCommands(report([violation({ seed: "it's" })]), { scenario: 'my desk.json', set: ['link.latencyMs=300'] }, 'syncstorm')
  expect(commands[0]).toBe("syncstorm run 'my desk.json' --set link.latencyMs=300 --strategy crdt-yjs --seed 'it'\\''s'")
})
