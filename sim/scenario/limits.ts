/** The stated limits of scenarios and plans, and the schemas of the small values both are made of. */
import { z } from 'zod'
import { codePointLength, isWellFormed } from './code-point-text.ts'

/** 24 hours of virtual time. */
export const MAX_SIMULATED_MS = 86_400_000
export const MAX_SIMULATED_US = MAX_SIMULATED_MS * 1000
export const MAX_DEVICES = 10_000
/** Tabs of one device: more than the 255 WebSockets that Chromium opens to one host. */
export const MAX_TABS = 300
export const MAX_DOCUMENTS = 1000
export const MAX_FIELDS = 200
export const MAX_STREAMS = 100
export const MAX_WEATHER = 100
/** Occurrences that one stream or one kind of weather may ask for by number. */
export const MAX_COUNT = 100_000
/** Occurrences per minute and device: one per millisecond. */
export const MAX_PER_MINUTE = 60_000
export const MAX_INTENTIONS = 200_000
export const MAX_FAULTS = 100_000
/** Code points of one text value: an initial content, or what one intention inserts or sets. */
export const MAX_TEXT_POINTS = 10_000
/** Code points of the text that a recorded session ends in. */
export const MAX_END_CONTENT_POINTS = 1_000_000

/** A time or delay in milliseconds; fractions down to a microsecond are kept. */
export const milliseconds = z.number().min(0).max(MAX_SIMULATED_MS)
export const probability = z.number().min(0).max(1)
export const perMinute = z.number().min(0).max(MAX_PER_MINUTE)
/** Crystals are within some 100 ppm; broken ones and virtual machines reach percents. */
export const driftPpm = z.number().min(-100_000).max(100_000)
/** What a server's edge answers with when it or its upstream fails (RFC 9110, 15.6). */
export const errorStatus = z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)])
/** Requests that a server admits. */
export const perSecond = z.number().min(0.01).max(1_000_000)
/** How many times as long as usual a service takes. */
export const slowdown = z.number().min(1).max(10_000)
export const count = z.int().min(0).max(MAX_COUNT)
export const positiveCount = z.int().min(1).max(MAX_COUNT)

/** Name of a device, server, document, field or stream. No dots: intention ids are made of them. */
export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, {
  error: 'a name of 1 to 40 letters, digits, - or _, beginning with a letter or digit',
})

/** A text value. */
export const text = boundedText(MAX_TEXT_POINTS)

export function boundedText(maxPoints: number): z.ZodString {
  return z.string()
    .refine((value) => codePointLength(value) <= maxPoints, { error: `a text of at most ${maxPoints} code points` })
    .refine(isWellFormed, { error: 'a text without lone surrogates' })
}

/** Times and counts of plans: whole microseconds. */
export const microseconds = z.int().min(0).max(MAX_SIMULATED_US)
