/**
 * Progress of long work on stderr: how many, how fast, how long still. On a terminal one line rewrites
 * itself; elsewhere (a log file, CI) a plain line appears every few seconds. The clock is handed in.
 */
import { formatDuration, groupThousands } from '../reports/terminal/numbers.ts'
import type { Sink } from './streams.ts'

export interface Progress {
  /** `note` takes the place of the rate and the time left. */
  update(done: number, note?: string): void
  /** Clears the line on a terminal; whatever comes next starts on a fresh one. */
  end(): void
}

export interface ProgressOptions {
  readonly what: string
  /** Nouns for the count, such as `seeds`. */
  readonly unit: string
  /** Undefined where only time ends it. */
  readonly total: number | undefined
  readonly sink: Sink
  nowMs(): number
}

const TERMINAL_INTERVAL_MS = 100
const LOG_INTERVAL_MS = 2_000

export function startProgress(options: ProgressOptions): Progress {
  const { sink } = options
  const startedMs = options.nowMs()
  const intervalMs = sink.isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS
  let shownMs = startedMs
  let drawn = false
  return {
    update(done, note) {
      const nowMs = options.nowMs()
      if (drawn && nowMs - shownMs < intervalMs) return
      shownMs = nowMs
      drawn = true
      const line = progressLine(options, done, nowMs - startedMs, note)
      sink.write(sink.isTerminal ? `\r\u001b[2K${line.slice(0, Math.max(10, sink.columns - 1))}` : `${line}\n`)
    },
    end() {
      if (sink.isTerminal && drawn) sink.write('\r\u001b[2K')
    },
  }
}

function progressLine({ what, unit, total }: ProgressOptions, done: number, elapsedMs: number, note: string | undefined): string {
  const share = `${what}: ${groupThousands(done)}${total === undefined ? '' : `/${groupThousands(total)}`} ${unit}`
  if (note !== undefined) return `${share}, ${note}`
  if (done === 0 || elapsedMs <= 0) return share
  const rate = `${share}, ${((done * 1000) / elapsedMs).toFixed(1)}/s`
  return total === undefined ? rate : `${rate}, ${formatDuration(((total - done) * elapsedMs) / done)} left`
}
