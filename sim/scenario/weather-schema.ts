/** The weather a scenario asks for: kinds of faults with how often, how long and on whom. */
import { z } from 'zod'
import { count, milliseconds, name, perMinute } from './limits.ts'

const msRange = z.strictObject({ min: milliseconds, max: milliseconds })

const common = {
  /** Keys the randomness of this entry; the fault ids begin with it. */
  name,
  /** Who can be hit; all devices unless given. */
  devices: z.array(name).min(1).optional(),
  /** Whether one occurrence hits one of them, drawn anew each time, or all of them at once. */
  hits: z.enum(['one', 'all']).default('one'),
  /** Exactly this many occurrences, at uniformly drawn times. Either this or `perMinute`. */
  count: count.optional(),
  /** A Poisson process with this rate, over all devices together. */
  perMinute: perMinute.optional(),
  fromMs: milliseconds.default(0),
  untilMs: milliseconds.optional(),
}

/** Packets do not arrive for a while; connections stay open. */
export const partitionWeather = z.strictObject({ type: z.literal('partition'), ...common, durationMs: msRange })
/** Connections are reset; what is in flight is lost. */
export const breakWeather = z.strictObject({ type: z.literal('break'), ...common })
/** Connections are reset, and none can be made for a while. */
export const offlineWeather = z.strictObject({ type: z.literal('offline'), ...common, durationMs: msRange })

export const weatherSchema = z.discriminatedUnion('type', [partitionWeather, breakWeather, offlineWeather])

export type Weather = z.output<typeof weatherSchema>
