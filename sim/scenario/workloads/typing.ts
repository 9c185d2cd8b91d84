/**
 * Workload `typing`: each device types in bursts at a caret that follows its own insertions.
 *
 * Bursts begin as a Poisson process, and begin late if the last one is not over: one person has one keyboard.
 * A burst goes on at the device's caret or jumps: to the start, the end, or after a character that anybody
 * typed in the last seconds (the device may not have seen it; the rule of `intentions.ts` decides then).
 * Some keys delete: the device's own last character, or anybody's recent one. No copy and paste, no selections.
 */
import type { RandomStream } from '../../kernel/random-streams.ts'
import type { Intention, IntentionAction, Place } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { drawUs, happens, IntentionCollector, poissonTimes, windowUs, type WorkloadContext } from './workload-context.ts'

/** A moment in which one device presses one key. Which key is decided when all moments are in time order. */
interface Key {
  readonly atUs: number
  readonly device: string
  readonly beginsBurst: boolean
}

/** How many of the last insertions of everybody a jump or a foreign deletion chooses from. */
const RECENT = 12

export function typingWorkload(stream: StreamOf<'typing'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const keys = stream.devices.flatMap((device) => keysOf(stream, device, context))
  // In time order, because a key may refer to what others typed before.
  keys.sort((a, b) => a.atUs - b.atUs)
  const recent: string[] = []
  const writers = new Map(stream.devices.map((device) => [device, new Writer(stream, context.random(`${device}/keys`))]))
  for (const key of keys) {
    const writer = writers.get(key.device)
    if (writer === undefined) continue
    const { insert, ...act } = writer.press(key.beginsBurst, recent.slice(-RECENT))
    const action: IntentionAction = { op: 'replace', ...act, insert: insert ? context.codePoints.take(1) : '' }
    const id = collector.add(key.device, key.atUs, stream.field, () => action)
    if (id === undefined || !insert) continue
    writer.inserted(id)
    recent.push(id)
  }
  return collector.intentions
}

function keysOf(stream: StreamOf<'typing'>, device: string, context: WorkloadContext): readonly Key[] {
  const random = context.random(`${device}/rhythm`)
  const { fromUs, untilUs } = windowUs(stream, context)
  const keys: Key[] = []
  let freeAtUs = fromUs
  for (const beginsAtUs of poissonTimes(random, stream.burstsPerMinute, fromUs, untilUs)) {
    let atUs = Math.max(beginsAtUs, freeAtUs)
    const count = random.between(stream.keysPerBurst.min, stream.keysPerBurst.max)
    for (let key = 0; key < count && atUs < untilUs; key++) {
      keys.push({ atUs, device, beginsBurst: key === 0 })
      atUs += drawUs(random, stream.keyMs)
    }
    freeAtUs = atUs
  }
  return keys
}

/** One person at one keyboard: where the caret is, and which own insertions still stand before it. */
class Writer {
  private caret: Place = { kind: 'end' }
  /** Own insertions since the last jump that were not deleted again, oldest first. */
  private run: string[] = []

  constructor(private readonly stream: StreamOf<'typing'>, private readonly random: RandomStream) {}

  press(beginsBurst: boolean, recent: readonly string[]): { place: Place; remove: number; insert: boolean } {
    if (beginsBurst && happens(this.random, this.stream.jumpShare)) {
      this.caret = this.jump(recent)
      this.run = []
    }
    if (happens(this.random, this.stream.deleteShare)) {
      if (recent.length > 0 && happens(this.random, this.stream.foreignDeleteShare)) {
        return { place: { kind: 'of', intention: this.random.pick(recent) }, remove: 1, insert: false }
      }
      const last = this.run.pop()
      if (last !== undefined) {
        this.caret = this.placeAfterRun()
        return { place: { kind: 'of', intention: last }, remove: 1, insert: false }
      }
    }
    return { place: this.caret, remove: 0, insert: true }
  }

  inserted(id: string): void {
    this.run.push(id)
    this.caret = { kind: 'after', intention: id }
  }

  private jump(recent: readonly string[]): Place {
    const kind = this.random.pick(['start', 'end', 'after', 'after'] as const)
    if (kind !== 'after' || recent.length === 0) return { kind: kind === 'start' ? 'start' : 'end' }
    return { kind: 'after', intention: this.random.pick(recent) }
  }

  private placeAfterRun(): Place {
    const last = this.run[this.run.length - 1]
    return last === undefined ? { kind: 'end' } : { kind: 'after', intention: last }
  }
}
