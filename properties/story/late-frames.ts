/**
 * Frames that took far longer than their way usually takes: the delays that a story must tell. Acknowledgements
 * and heartbeats are left out, and so are ways with too few frames to know what is usual.
 */
import type { FrameEvent, History } from '../../sim/history/events.ts'

const TIMES_USUAL = 3
const FRAMES_TO_KNOW = 3

/** Late frames by number, with the time they took. */
export function lateFrames({ events }: History): ReadonlyMap<number, number> {
  const sentUs = new Map<number, number>()
  const byWay = new Map<string, { readonly frame: FrameEvent; readonly tookUs: number }[]>()
  for (const event of events) {
    if (event.kind !== 'frame') continue
    if (event.state === 'sent') sentUs.set(event.frame, event.atUs)
    if (event.state !== 'delivered') continue
    const way = `${event.from} ${event.to}`
    const taken = byWay.get(way) ?? []
    taken.push({ frame: event, tookUs: event.atUs - (sentUs.get(event.frame) ?? event.atUs) })
    byWay.set(way, taken)
  }
  const late = new Map<number, number>()
  for (const taken of byWay.values()) {
    const sorted = taken.map(({ tookUs }) => tookUs).sort((a, b) => a - b)
    const usualUs = sorted[Math.floor(sorted.length / 2)] ?? 0
    if (taken.length < FRAMES_TO_KNOW) continue
    for (const { frame, tookUs } of taken) {
      if (frame.traffic !== 'control' && tookUs > TIMES_USUAL * usualUs) late.set(frame.frame, tookUs)
    }
  }
  return late
}
