/**
 * The schedulers that the kernel is compared with, behind one small interface. Delays are integer ticks:
 * microseconds for the kernel, and for sinon's clock, which counts milliseconds, one millisecond per tick.
 */
import FakeTimers from '@sinonjs/fake-timers'
import TinyQueue from 'tinyqueue'
import { Kernel } from '../sim/kernel/kernel.ts'

export interface Engine<Handle = unknown> {
  after(delay: number, run: () => void): Handle
  cancel(timer: Handle): void
  /** Handles this many events. */
  run(events: number): void
}

export type EngineName = 'kernel' | 'tinyqueue' | 'sinon'

export function openEngine(name: EngineName): Engine {
  switch (name) {
    case 'kernel': return openKernel()
    case 'tinyqueue': return openHeapKernel()
    case 'sinon': return openSinon()
  }
}

function openKernel(): Engine<number> {
  const kernel = new Kernel()
  return {
    after: (delay, run) => kernel.after(delay, run),
    cancel: (timer) => { kernel.cancel(timer) },
    run: (events) => { kernel.run({ maxEvents: events }) },
  }
}

interface HeapEvent { readonly at: number; readonly sequence: number; readonly run: () => void; isCancelled: boolean }

/** What one would write in an hour: a binary heap of objects, ties by sequence number, cancelled ones skipped. */
function openHeapKernel(): Engine<HeapEvent> {
  const queue = new TinyQueue<HeapEvent>([], (a, b) => a.at - b.at || a.sequence - b.sequence)
  let now = 0
  let sequence = 0
  return {
    after: (delay, run) => {
      const event: HeapEvent = { at: now + delay, sequence: sequence++, run, isCancelled: false }
      queue.push(event)
      return event
    },
    cancel: (event) => { event.isCancelled = true },
    run: (events) => {
      for (let handled = 0; handled < events;) {
        const event = queue.pop()
        if (event === undefined) return
        if (event.isCancelled) continue
        now = event.at
        handled++
        event.run()
      }
    },
  }
}

function openSinon(): Engine<number> {
  const clock = FakeTimers.createClock(0, Number.MAX_SAFE_INTEGER)
  return {
    after: (delay, run) => clock.setTimeout(run, delay) as number,
    cancel: (timer) => { clock.clearTimeout(timer) },
    // `next` was measured to be at least as fast as `tick` on these workloads.
    run: (events) => { for (let handled = 0; handled < events; handled++) clock.next() },
  }
}
