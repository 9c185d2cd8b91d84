/** What a workload is given to make its intentions from, and the small things all workloads need. */
import { exponential } from '../../kernel/distributions.ts'
import type { RandomStream } from '../../kernel/random-streams.ts'
import { BadInput } from '../../bad-input.ts'
import type { CodePointAllocator } from '../code-points.ts'
import { MAX_INTENTIONS } from '../limits.ts'
import type { Intention, IntentionAction } from '../plan.ts'
import { microsecondsOf } from '../virtual-duration.ts'

export interface WorkloadContext {
  readonly simulatedUs: number
  /** Opens the random stream of a part of this workload stream: a device, or the moments all share (D4). */
  random(part: string): RandomStream
  /** Where inserted characters come from; only text streams take from it. */
  readonly codePoints: CodePointAllocator
  /** Names the scenario, for messages. */
  readonly where: string
}

/** A uniform time in a range of milliseconds. */
export function drawUs(random: RandomStream, rangeMs: { readonly min: number; readonly max: number }): number {
  return random.between(microsecondsOf(rangeMs.min), microsecondsOf(rangeMs.max))
}

/** True with probability `share` (0 to 1). */
export function happens(random: RandomStream, share: number): boolean {
  return random.chance(Math.round(share * 1_000_000))
}

/** The stream's window in microseconds. */
export function windowUs(
  stream: { readonly fromMs: number; readonly untilMs?: number | undefined }, context: WorkloadContext,
): { readonly fromUs: number; readonly untilUs: number } {
  return {
    fromUs: microsecondsOf(stream.fromMs),
    untilUs: stream.untilMs === undefined ? context.simulatedUs : microsecondsOf(stream.untilMs),
  }
}

const MINUTE_US = 60_000_000
/** Beyond this mean gap (nine years) nothing happens within any window; the table's own limit is far above. */
const MAX_MEAN_GAP_US = 281_474_976_710_656

/** Times of a Poisson process within [fromUs, untilUs). */
export function poissonTimes(random: RandomStream, perMinute: number, fromUs: number, untilUs: number): readonly number[] {
  const meanGapUs = MINUTE_US / perMinute
  if (!(meanGapUs < MAX_MEAN_GAP_US)) return []
  const times: number[] = []
  for (let atUs = fromUs; ;) {
    atUs += exponential(random.uint32(), meanGapUs)
    if (atUs >= untilUs) return times
    times.push(atUs)
  }
}

/** Moments spread over a window: one in each of `count` equal parts, so that they never bunch up. */
export function spreadMoments(random: RandomStream, count: number, fromUs: number, untilUs: number): readonly number[] {
  const part = (untilUs - fromUs) / count
  return Array.from({ length: count }, (_, index) => Math.floor(fromUs + (index + random.unit()) * part))
}

/**
 * Collects the intentions of one stream: ids are `<device>.<stream>.<number>`, numbered per device, and what
 * would come after the end of the simulated time is dropped.
 */
export class IntentionCollector {
  readonly intentions: Intention[] = []
  private readonly numbers = new Map<string, number>()

  constructor(
    private readonly stream: { readonly name: string; readonly document: string },
    private readonly context: WorkloadContext,
  ) {}

  /** Adds an intention and returns its id, or undefined if it lies outside the simulated time. */
  add(device: string, atUs: number, field: string, action: (id: string) => IntentionAction): string | undefined {
    if (atUs < 0 || atUs > this.context.simulatedUs) return undefined
    const number = (this.numbers.get(device) ?? 0) + 1
    this.numbers.set(device, number)
    if (this.intentions.length >= MAX_INTENTIONS) {
      throw new BadInput({
        code: 'too-much', where: this.context.where, path: 'workload.streams',
        expected: `at most ${MAX_INTENTIONS} intentions`, got: `more, in stream ${this.stream.name}`,
      })
    }
    const id = `${device}.${this.stream.name}.${number}`
    this.intentions.push({ id, atUs, device, document: this.stream.document, field, action: action(id) })
    return id
  }

  /** Adds the setting of a register to a value that occurs nowhere else in the run. */
  addSet(device: string, atUs: number, field: string): string | undefined {
    return this.add(device, atUs, field, (id) => ({ op: 'set', value: `${field}-${id}` }))
  }
}
