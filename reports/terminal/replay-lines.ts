/** A replayed counterexample on the terminal: the story, and whether it is still true. */
import type { ReplayDocument } from '../documents/replay-document.ts'
import type { Paint } from './paint.ts'

export function renderReplay({ reproduced, story, run }: ReplayDocument, paint: Paint): string {
  return [
    ...story, '',
    reproduced ? paint.bad('✗ reproduced: the property is violated again') : paint.good('✓ not reproduced: the property is not violated any more'),
    paint.faint(`digest ${run.digest}`),
  ].join('\n')
}
