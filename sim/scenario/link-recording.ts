/**
 * A recorded link inside a plan: all that a run needs of the recording, so that plans and counterexamples replay
 * without the file (F2). Each recording stands there once, however many devices use it.
 *
 * `opportunities` writes the recording as the gaps between its delivery opportunities, in milliseconds, separated
 * by one space; `7x3` is three gaps of 7 ms in a row, so `5 0x2 7x3` means 5 5 5 12 19 26. Two minutes of LTE take
 * about as much room as the file of the recording does unpacked and divided by four.
 *
 * Of a recording that is longer than the run a plan keeps what comes before the run's end at the latest (twice the
 * horizon, since the horizon depends on what is kept); of a shorter one all, and it repeats.
 */
import { z } from 'zod'
import { showValue } from '../bad-input.ts'
import { type DeliveryTrace, MAX_TRACE_MS } from '../network/delivery-trace.ts'
import { type InputProblem, problem } from './input-problem.ts'
import type { JsonPath } from './json-path.ts'

export interface LinkRecording {
  /** Names it in the plan: the file it was read from, as it was given. */
  readonly source: string
  readonly opportunities: string
}

/** Characters of all that a plan keeps of one recording: about a million irregular gaps. */
export const MAX_RECORDING_CHARACTERS = 4_000_000
/** Files that one scenario may name: two for each of fifty different links. */
export const MAX_RECORDINGS = 100
/** Opportunities of one recording in a plan. */
const MAX_OPPORTUNITIES = 10_000_000
const GAPS = /^\d{1,8}(?:x\d{1,8})?(?: \d{1,8}(?:x\d{1,8})?)*$/

export const recordingSource = z.string().min(1).max(1000)

export const linkRecordingSchema = z.strictObject({
  source: recordingSource,
  opportunities: z.string().max(MAX_RECORDING_CHARACTERS),
})

/** The text form of a recording's opportunities. */
export function encodeOpportunities({ opportunitiesUs }: Pick<DeliveryTrace, 'opportunitiesUs'>): string {
  const gaps: { readonly ms: number; times: number }[] = []
  let lastMs = 0
  for (const atUs of opportunitiesUs) {
    const ms = atUs / 1000 - lastMs
    lastMs += ms
    const last = gaps.at(-1)
    if (last?.ms === ms) last.times++
    else gaps.push({ ms, times: 1 })
  }
  return gaps.map(({ ms, times }) => times === 1 ? String(ms) : `${ms}x${times}`).join(' ')
}

const decoded = new WeakMap<LinkRecording, DeliveryTrace>()

/** @throws Error for what `recordingProblems` refuses */
function traceOf(recording: LinkRecording): DeliveryTrace {
  const known = decoded.get(recording)
  if (known !== undefined) return known
  const opportunitiesUs = decode(recording.opportunities)
  if (typeof opportunitiesUs === 'string') throw new Error(`${recording.source}: expected ${opportunitiesUs}`)
  const trace = { source: recording.source, opportunitiesUs }
  decoded.set(recording, trace)
  return trace
}

/** A plan's recordings by source, to be run. */
export function tracesOf(recordings: readonly LinkRecording[] = []): ReadonlyMap<string, DeliveryTrace> {
  return new Map(recordings.map((recording) => [recording.source, traceOf(recording)]))
}

/** The opportunities, or what was expected instead. */
function decode(text: string): Float64Array | string {
  if (!GAPS.test(text)) return 'gaps in milliseconds between delivery opportunities, such as "5 0x2 7x3"'
  const gaps = text.split(' ').map((gap) => gap.split('x').map(Number))
  const total = gaps.reduce((sum, [, times = 1]) => sum + times, 0)
  const lengthMs = gaps.reduce((sum, [ms, times = 1]) => sum + ms * times, 0)
  if (!(total >= 1 && total <= MAX_OPPORTUNITIES)) return `from 1 to ${MAX_OPPORTUNITIES} delivery opportunities`
  if (!(lengthMs >= 1 && lengthMs <= MAX_TRACE_MS)) return `gaps that add up to a length from 1 to ${MAX_TRACE_MS} ms`
  const opportunitiesUs = new Float64Array(total)
  let [at, atUs] = [0, 0]
  for (const [ms, times = 1] of gaps) for (let time = 0; time < times; time++) opportunitiesUs[at++] = atUs += ms * 1000
  return opportunitiesUs
}

export function recordingProblems(recordings: readonly LinkRecording[], path: JsonPath): readonly InputProblem[] {
  return recordings.flatMap(({ opportunities }, index) => {
    const result = decode(opportunities)
    return typeof result === 'string' ? [problem('bad-value', [...path, index, 'opportunities'], result, showValue(opportunities))] : []
  })
}

/** The recording up to its first opportunity after `untilUs`; all of it if it ends before. */
export function cutRecording({ source, opportunitiesUs }: DeliveryTrace, untilUs: number): LinkRecording {
  const end = opportunitiesUs.findIndex((atUs) => atUs > untilUs)
  return { source, opportunities: encodeOpportunities({ opportunitiesUs: end < 0 ? opportunitiesUs : opportunitiesUs.slice(0, end + 1) }) }
}
