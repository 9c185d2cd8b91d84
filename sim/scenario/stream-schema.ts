/**
 * The workload streams a scenario can be made of: who edits what, how often, in which pattern.
 *
 * Each stream has a name of its own, which keys its randomness: removing or changing one leaves the others
 * exactly as they were (D4).
 */
import { z } from 'zod'
import type { DeepReadonly } from './deep-readonly.ts'
import { count, milliseconds, name, perMinute, positiveCount, probability, text } from './limits.ts'

const msRange = z.strictObject({ min: milliseconds, max: milliseconds })
const countRange = z.strictObject({ min: positiveCount, max: positiveCount })

/** When the stream is active; until the end of the simulated time unless said otherwise. */
const window = { fromMs: milliseconds.default(0), untilMs: milliseconds.optional() }

/**
 * Which of the eight disjoint alphabets (0 to 7) a text stream inserts from: one unique code point per
 * inserted character in the whole run. Its place among the text streams unless given.
 */
const alphabet = z.int().min(0).max(7).optional()

const textTarget = { document: name, field: name }

/** Each device sets fields at random moments (a Poisson process). */
export const fieldsStream = z.strictObject({
  kind: z.literal('fields'),
  name,
  devices: z.array(name).min(1),
  document: name,
  fields: z.array(name).min(1),
  /** Share of the edits that goes to the first field, whatever the rest does: a hot key. */
  hotShare: probability.default(0),
  /** Per device. */
  editsPerMinute: perMinute,
  ...window,
})

/** Each device types in bursts that begin at random moments, at a caret that follows its own insertions. */
export const typingStream = z.strictObject({
  kind: z.literal('typing'),
  name,
  devices: z.array(name).min(1),
  ...textTarget,
  alphabet,
  /** Per device. */
  burstsPerMinute: perMinute,
  keysPerBurst: countRange.prefault({ min: 2, max: 8 }),
  /** Time between two keys of a burst. */
  keyMs: msRange.prefault({ min: 80, max: 400 }),
  /** Share of the keys that delete a character instead. */
  deleteShare: probability.default(0.15),
  /** Share of those deletions that aim at anybody's recent character instead of the last own one. */
  foreignDeleteShare: probability.default(0.3),
  /** Share of the bursts that begin elsewhere: the start, the end, or after anybody's recent character. */
  jumpShare: probability.default(0.3),
  ...window,
})

/** Several devices type at the same place in the same moment, again and again. */
export const sameCaretStream = z.strictObject({
  kind: z.literal('same-caret'),
  name,
  devices: z.array(name).min(2),
  ...textTarget,
  alphabet,
  rounds: positiveCount,
  /** Characters each device types in a round. */
  keys: countRange.prefault({ min: 1, max: 3 }),
  keyMs: msRange.prefault({ min: 60, max: 200 }),
  /** How far the devices' first keys of a round lie apart at most. */
  spreadMs: milliseconds.default(20),
  /** Share of the rounds in which every device also deletes the same character. */
  deleteShare: probability.default(0.2),
  ...window,
})

/** Several devices set the same field in the same microsecond, or within a millisecond. */
export const sameMillisecondStream = z.strictObject({
  kind: z.literal('same-millisecond'),
  name,
  devices: z.array(name).min(2),
  document: name,
  field: name,
  count: positiveCount,
  /** Share of the moments in which the microsecond is the same too. */
  sameMicrosecondShare: probability.default(0.5),
  ...window,
})

/** An admin sets a field in the very moment in which somebody else edits it. */
export const overrideStream = z.strictObject({
  kind: z.literal('override'),
  name,
  device: name,
  /** One of these edits the field in each moment. */
  editors: z.array(name).min(1),
  document: name,
  field: name,
  count: positiveCount,
  /** How far the two edits lie apart at most, either way. */
  withinMs: milliseconds.default(50),
  ...window,
})

/** One device sets one field at a steady rate. */
export const burstStream = z.strictObject({
  kind: z.literal('burst'),
  name,
  device: name,
  document: name,
  field: name,
  count: positiveCount,
  everyMs: milliseconds,
  /** Each edit comes up to this much late; below the spacing, so that the order stays. */
  jitterMs: milliseconds.default(0),
  fromMs: milliseconds.default(0),
})

/** One device sets the same few values over and over: identical payloads on purpose. */
export const toggleStream = z.strictObject({
  kind: z.literal('toggle'),
  name,
  device: name,
  document: name,
  field: name,
  values: z.array(text).min(2).max(10).prefault(['on', 'off']),
  count,
  everyMs: msRange,
  fromMs: milliseconds.default(0),
})

export const streamSchema = z.discriminatedUnion('kind', [
  fieldsStream, typingStream, sameCaretStream, sameMillisecondStream, overrideStream, burstStream, toggleStream,
])

export type Stream = z.output<typeof streamSchema>
/** A stream as everyone but its schema sees it. */
export type ReadonlyStream = DeepReadonly<Stream>
export type StreamOf<Kind extends Stream['kind']> = Extract<ReadonlyStream, { readonly kind: Kind }>
export type StreamKind = Stream['kind']

/** The devices a stream edits on, in the scenario's words. */
export function streamDevices(stream: ReadonlyStream): readonly string[] {
  switch (stream.kind) {
    case 'fields':
    case 'typing':
    case 'same-caret':
    case 'same-millisecond':
      return stream.devices
    case 'override':
      return [stream.device, ...stream.editors]
    case 'burst':
    case 'toggle':
      return [stream.device]
  }
}

/** The fields a stream edits. */
export function streamFields(stream: ReadonlyStream): readonly string[] {
  return stream.kind === 'fields' ? stream.fields : [stream.field]
}

/** Whether a stream edits texts (else registers). */
export function isTextStream(stream: ReadonlyStream): boolean {
  return stream.kind === 'typing' || stream.kind === 'same-caret'
}

/**
 * Gives every text stream an alphabet of its own: the smallest that no stream has asked for. Written into the
 * completed scenario, so that a stream taken out of it afterwards does not move the others (D4).
 */
export function withAlphabets(streams: readonly Stream[]): Stream[] {
  const taken = new Set(streams.map((stream) => 'alphabet' in stream ? stream.alphabet : undefined))
  let next = 0
  return streams.map((stream) => {
    if (stream.kind !== 'typing' && stream.kind !== 'same-caret') return stream
    if (stream.alphabet !== undefined) return stream
    // Past the last alphabet it goes on counting, for the checks to find.
    while (taken.has(next)) next++
    return { ...stream, alphabet: next++ }
  })
}
