/**
 * The one cell that a campaign shows per strategy, property and data type (design section 1): what was
 * claimed against what was seen. Derived from the document alone, so that saved results print the same.
 */
import type { CampaignVerdict } from '../documents/compare-document.ts'
import { groupThousands } from './numbers.ts'
import type { Paint } from './paint.ts'

export type ClaimCell =
  | 'as-claimed' | 'broken-claim' | 'claimed-violation-seen' | 'not-yet-seen' | 'vacuous'
  /** Nothing is claimed: the counts stand for themselves. */
  | 'unclaimed'
  | 'not-applicable'

export function claimCell(verdict: CampaignVerdict): ClaimCell {
  const { holds, violated, vacuous, claimed, asClaimed } = verdict
  if (asClaimed === false) return 'broken-claim'
  if (holds + violated + vacuous === 0) return 'not-applicable'
  if (holds + violated === 0) return 'vacuous'
  switch (claimed) {
    case 'violated': return violated > 0 ? 'claimed-violation-seen' : 'not-yet-seen'
    case 'holds':
    case 'holds-if': return asClaimed === true ? 'as-claimed' : 'vacuous'
    case 'not-applicable':
    case null: return 'unclaimed'
  }
}

/** Symbol and counts: of the seeds run, how many showed what the symbol speaks of. */
export function renderClaimCell(verdict: CampaignVerdict, paint: Paint): string {
  const { holds, violated, vacuous, seedsNeeded } = verdict
  const seeds = holds + violated + vacuous
  const of = (part: number): string => `${groupThousands(part)}/${groupThousands(seeds)}`
  const cell = claimCell(verdict)
  switch (cell) {
    case 'as-claimed': return paint.good(`✓ ${of(holds)}`)
    case 'broken-claim': return paint.bad(`✗ ${of(violated)}`)
    case 'claimed-violation-seen': return paint.unsure(`! ${of(violated)}`)
    case 'not-yet-seen': return paint.unsure(seedsNeeded ? `? +${groupThousands(seedsNeeded)}` : `? ${of(violated)}`)
    case 'unclaimed': return paint.faint(`· ${of(holds)}`)
    case 'vacuous': return paint.faint(`~ ${of(vacuous)}`)
    case 'not-applicable': return paint.faint('-')
  }
}

const LEGEND: readonly (readonly [ClaimCell, string])[] = [
  ['as-claimed', '✓ as claimed'],
  ['broken-claim', '✗ broken claim'],
  ['claimed-violation-seen', '! claimed violation seen'],
  ['not-yet-seen', '? claimed violation not yet seen (+ seeds still needed)'],
  ['vacuous', '~ vacuous (nothing was really tested)'],
  ['unclaimed', '· nothing claimed (seeds in which it held)'],
  ['not-applicable', '- not applicable'],
]

/** Explains the symbols of the given cells, and no others. */
export function claimLegend(cells: ReadonlySet<ClaimCell>): readonly string[] {
  return LEGEND.filter(([cell]) => cells.has(cell)).map(([, text]) => text)
}
