/** A run that has been judged: what commands and reports work with, and plain data (it crosses threads). */
import type { QuietEvent } from '../sim/history/events.ts'
import type { RunDocument } from './documents/run-document.ts'

export interface JudgedRun {
  readonly document: RunDocument
  /** How the world ended; `budget` says nothing about the strategy. */
  readonly end: QuietEvent['result']
  /** Whether the plan has two devices edit one field that the strategy works on: what campaigns need pairs from. */
  readonly contended: boolean
}
