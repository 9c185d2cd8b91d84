/**
 * Recorded links in mahimahi's format: one line per opportunity to deliver 1,500 bytes, the time in
 * milliseconds from the start; a time may repeat; the recording repeats from its end, where its time goes on.
 *
 * Opportunities are used as mahimahi's LinkQueue uses them (src/frontend/link_queue.cc, Winstein et al., NSDI
 * 2013): one that finds the queue empty is wasted; one that a small packet does not fill serves the packets
 * waiting behind it with the rest; a packet leaves when its last byte has gone. A packet that comes at the very
 * time of an opportunity has missed it. mahimahi refuses packets above 1,504 bytes; here a larger one takes as
 * many opportunities as it needs. Propagation delay and queue are the link's, not the recording's.
 */
import { BadInput, showValue } from '../bad-input.ts'
import type { Bottleneck, Transmission } from './impairments/rate.ts'

/** Bytes per delivery opportunity. */
export const OPPORTUNITY_BYTES = 1500
/** A day: more than any run lasts. */
export const MAX_TRACE_MS = 86_400_000
const MAX_LINES = 10_000_000

export interface DeliveryTrace {
  readonly source: string
  /** Ascending; times may repeat; the last one, which is above 0, is the recording's length. */
  readonly opportunitiesUs: Float64Array
}

/**
 * Parses a mahimahi packet-delivery trace.
 * @throws BadInput with the line, for a line that is no whole number, a time before the one above it, a trace
 * without lines or without length
 * @example parseDeliveryTrace('0\n5\n5\n12\n', 'uplink.trace').opportunitiesUs // 0, 5000, 5000, 12000
 */
export function parseDeliveryTrace(text: string, source: string): DeliveryTrace {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const refuse = (line: number | null, expected: string, got: string, code: 'bad-value' | 'too-much' = 'bad-value'): BadInput =>
    new BadInput({ code, where: source, path: line === null ? '' : `line ${line}`, expected, got })
  if (lines.length === 0) throw refuse(null, 'a mahimahi trace: one time in milliseconds per line', 'an empty file')
  if (lines.length > MAX_LINES) throw refuse(null, `at most ${MAX_LINES} delivery opportunities`, `${lines.length} lines`, 'too-much')
  const opportunitiesUs = new Float64Array(lines.length)
  let lastMs = 0
  lines.forEach((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const atMs = /^[0-9]{1,9}$/.test(line) ? Number(line) : NaN
    if (!(atMs <= MAX_TRACE_MS)) throw refuse(index + 1, `a whole number of milliseconds from 0 to ${MAX_TRACE_MS}`, showValue(line))
    if (atMs < lastMs) throw refuse(index + 1, `a time not before that of the line above, ${lastMs}`, line)
    opportunitiesUs[index] = atMs * 1000
    lastMs = atMs
  })
  if (lastMs === 0) throw refuse(lines.length, 'a last time above 0: the recording repeats after it', '0')
  return { source, opportunitiesUs }
}

/**
 * How long that many full packets take at worst, whenever they come: the slowest stretch of the recording with as
 * many opportunities; of one packet, the longest gap.
 */
export function longestServiceUs({ opportunitiesUs }: Pick<DeliveryTrace, 'opportunitiesUs'>, packets: number): number {
  const { length } = opportunitiesUs
  const lengthUs = opportunitiesUs[length - 1]
  const rounds = Math.floor(packets / length)
  const more = Math.ceil(packets) - rounds * length
  let longestUs = 0
  for (let at = 0; at < length; at++) {
    const end = at + more
    const endUs = end < length ? opportunitiesUs[end] : opportunitiesUs[end - length] + lengthUs
    longestUs = Math.max(longestUs, endUs - opportunitiesUs[at])
  }
  return rounds * lengthUs + longestUs
}

/** Its mean rate in kbit/s. */
export function meanKbps({ opportunitiesUs }: Pick<DeliveryTrace, 'opportunitiesUs'>): number {
  return opportunitiesUs.length * OPPORTUNITY_BYTES * 8_000 / opportunitiesUs[opportunitiesUs.length - 1]
}

/** A bottleneck whose capacity is a recording, from `fromUs` of it on. */
export class RecordedRate implements Bottleneck {
  readonly #opportunitiesUs: Float64Array
  readonly #lengthUs: number
  readonly #fromUs: number
  /** The next opportunity that nobody has used: its place in the recording, and when this round began. */
  #next = 0
  #roundUs = 0
  /** Bytes left of the opportunity that served last. */
  #leftBytes = 0
  #leftAtUs = -1

  constructor(trace: DeliveryTrace, fromUs = 0) {
    this.#fromUs = fromUs
    this.#opportunitiesUs = trace.opportunitiesUs
    this.#lengthUs = trace.opportunitiesUs[trace.opportunitiesUs.length - 1]
  }

  transmit(nowUs: number, sizeBytes: number): Transmission {
    const { startUs, endUs } = this.#serve(nowUs + this.#fromUs, sizeBytes)
    return { startUs: startUs - this.#fromUs, endUs: endUs - this.#fromUs }
  }

  /** In the recording's time. */
  #serve(nowUs: number, sizeBytes: number): Transmission {
    if (this.#leftAtUs <= nowUs) {
      this.#leftBytes = 0
      this.#skipTo(nowUs)
    }
    let startUs = -1
    let bytes = sizeBytes
    do {
      if (this.#leftBytes === 0) this.#take()
      if (startUs < 0) startUs = this.#leftAtUs
      const used = Math.min(bytes, this.#leftBytes)
      bytes -= used
      this.#leftBytes -= used
    } while (bytes > 0)
    return { startUs, endUs: this.#leftAtUs }
  }

  #take(): void {
    this.#leftAtUs = this.#roundUs + this.#opportunitiesUs[this.#next]
    this.#leftBytes = OPPORTUNITY_BYTES
    if (++this.#next === this.#opportunitiesUs.length) this.#beginRound(this.#roundUs + this.#lengthUs)
  }

  #beginRound(atUs: number): void {
    this.#next = 0
    this.#roundUs = atUs
  }

  /** Wastes the opportunities up to now, now included. */
  #skipTo(nowUs: number): void {
    const roundUs = nowUs - nowUs % this.#lengthUs
    if (roundUs > this.#roundUs) this.#beginRound(roundUs)
    let low = this.#next
    let high = this.#opportunitiesUs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#roundUs + this.#opportunitiesUs[middle] <= nowUs) low = middle + 1
      else high = middle
    }
    // Not past the end: a round's last opportunity falls on the beginning of the next, which is after now.
    this.#next = low
  }
}
