/** What every command is handed: where to write, how to be called again, and the time. */
import type { Streams } from './streams.ts'

export interface CommandContext {
  readonly streams: Streams
  /** How a user calls this program from where they are, for commands to paste. */
  readonly self: string
  /** What relative file names are relative to. */
  readonly workingFolder: string
  /** Monotonic; for wall times and progress only. */
  nowMs(): number
}
