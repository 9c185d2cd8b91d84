/**
 * Ctrl-C. The first one asks the command to stop and keep what it has; the second ends the process at
 * once, for a user who will not wait. SIGTERM is the same request from a supervisor.
 */
import process from 'node:process'
import { EXIT } from './exit-codes.ts'

export interface Interrupt {
  readonly signal: AbortSignal
  dispose(): void
}

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
