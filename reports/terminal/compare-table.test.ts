import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { compareDocumentSchema, type CampaignVerdict, type CompareDocument } from '../documents/compare-document.ts'
import { claimCell, renderClaimCell } from './claim-cell.ts'
import { renderMetrics, renderPaired, renderVerdicts } from './compare-table.ts'
import { makePaint } from './paint.ts'

const plain = makePaint(false)
const style = { width: 80, paint: plain }

function verdict(part: Partial<CampaignVerdict>): CampaignVerdict {
  return { property: 'convergence', type: 'text', holds: 0, violated: 0, vacuous: 0, claimed: 'holds', asClaimed: null, ...part }
}

describe('claim cells (H4)', () => {
  test.each([
    ['as-claimed', '✓ 48/50', verdict({ holds: 48, vacuous: 2, asClaimed: true })],
    ['broken-claim', '✗ 1/50', verdict({ holds: 49, violated: 1, asClaimed: false })],
    ['claimed-violation-seen', '! 41/50', verdict({ holds: 9, violated: 41, claimed: 'violated', asClaimed: true })],
    ['not-yet-seen', '? +600', verdict({ holds: 50, claimed: 'violated', seedsNeeded: 600 })],
    ['broken-claim', '✗ 0/650', verdict({ holds: 650, claimed: 'violated', seedsNeeded: 0, asClaimed: false })],
    ['vacuous', '~ 50/50', verdict({ vacuous: 50 })],
    ['not-applicable', '-', verdict({ claimed: 'not-applicable' })],
    ['unclaimed', '· 50/50', verdict({ claimed: null, holds: 50 })],
  ] as const)('%s', (cell, text, given) => {
    expect(claimCell(given)).toBe(cell)
    expect(renderClaimCell(given, plain)).toBe(text)
  })
})

const NAMES = ['lww-server', 'version-reject', 'ot-text', 'crdt-yjs']

function sample(names: readonly string[] = NAMES): CompareDocument {
  const summary = (mean: number) => ({ n: 50, mean, p50: mean, p95: mean * 2, p99: mean * 3, ci95: [mean * 0.9, mean * 1.1] as [number, number] })
  return compareDocumentSchema.parse({
    schema: 'syncstorm.compare/1', scenario: 'order-desk', seeds: Array.from({ length: 50 }, (_, index) => String(index + 1)),
    strategies: names.map((name, index) => ({
      name,
      digests: {},
      verdicts: [
        verdict({ holds: 50, asClaimed: true, type: index < 2 ? 'register' : 'text' }),
        verdict({ property: 'liveness-after-heal', type: 'any', holds: 50, asClaimed: true }),
        index === 0
          ? verdict({ property: 'no-lost-write', type: 'register', holds: 9, violated: 41, claimed: 'violated', asClaimed: true })
          : verdict({ property: 'no-lost-write', type: 'text', vacuous: 50 }),
      ],
      metrics: { syncAllMs: summary(345.6 * (index + 1)), bytesUp: summary(123456), skipped: summary(0.5) },
    })),
    paired: names.slice(1).map((name) => ({
      metric: 'syncAllMs', a: name, b: names[0], meanDifference: 345.6, ci95: [300, 400], aWins: 0.1,
    })),
  })
}

describe('the comparison table', () => {
  test('rows are property and type, in declared order; the legend explains only what occurs', () => {
    expect(renderVerdicts(sample(), style)).toBe([
      ' property                lww-server  version-  ot-text  crdt-yjs',
      '                                     reject',
      ' convergence register    ✓ 50/50     ✓ 50/50   -        -',
      ' convergence text        -           -         ✓ 50/50  ✓ 50/50',
      ' liveness-after-heal     ✓ 50/50     ✓ 50/50   ✓ 50/50  ✓ 50/50',
      ' no-lost-write register  ! 41/50     -         -        -',
      ' no-lost-write text      -           ~ 50/50   ~ 50/50  ~ 50/50',
      '',
      ' ✓ as claimed   ! claimed violation seen   ~ vacuous (nothing was really tested)',
      ' - not applicable',
    ].join('\n'))
  })

  test('metrics are means with the half width of the interval', () => {
    expect(renderMetrics(sample(), style).split('\n').slice(2)).toEqual([
      ' syncAllMs         346 ±34.6    691 ±69.1    1,037 ±104   1,382 ±138',
      ' skipped           0.50 ±0.050  0.50 ±0.050  0.50 ±0.050  0.50 ±0.050',
      ' bytesUp           123k ±12.3k  123k ±12.3k  123k ±12.3k  123k ±12.3k',
    ])
  })

  test('what is zero for every strategy is named in a footer, and has no row; speed comes first, cost last', () => {
    const document = sample(['a', 'b'])
    const none = { n: 50, mean: 0, p50: 0, p95: 0, p99: 0, ci95: [0, 0] as [number, number] }
    const measured = document.strategies.map((strategy, index) => ({
      ...strategy, metrics: { ...strategy.metrics, lost: none, merged: none, rejected: index === 0 ? none : { ...none, mean: 2, ci95: [1, 3] as [number, number] } },
    }))
    const paired = [...document.paired, { metric: 'lost', a: 'b', b: 'a', meanDifference: 0, ci95: [0, 0] as [number, number], aWins: 0.5 }]
    const lines = renderMetrics({ ...document, strategies: measured, paired }, style).split('\n')
    expect(lines.slice(1).map((line) => line.trim().split(/ /)[0])).toEqual(['syncAllMs', 'skipped', 'rejected', 'bytesUp', 'Zero'])
    expect(lines.at(-1)).toBe(' Zero for all, not shown: merged, lost.')
    expect(renderPaired({ ...document, strategies: measured, paired }, style)).not.toContain('lost')
  })

  test('paired differences are against the first strategy', () => {
    expect(renderPaired(sample(['a', 'b']), style).split('\n')).toEqual([' less a     b', ' syncAllMs  +346 ±50'])
    expect(renderPaired(sample(['a']), style)).toBe('')
  })

  test.each([40, 60, 80, 120])('no line is wider than %d columns, and no strategy is dropped', (width) => {
    const many = Array.from({ length: 9 }, (_, index) => `strategy-number-${index + 1}`)
    const text = [renderVerdicts, renderMetrics, renderPaired].map((render) => render(sample(many), { width, paint: plain })).join('\n')
    for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, 60))
    for (let index = 1; index <= 9; index += 1) expect(text).toContain(`number-${index}`)
  })

  test('colour changes no text', () => {
    const coloured = renderVerdicts(sample(), { width: 80, paint: makePaint(true) })
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderVerdicts(sample(), style))
    expect(coloured).toContain('\u001b[32m')
  })
})
