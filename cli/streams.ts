/**
 * Where a command writes: data to `out`, messages and progress to `err`. Injected, so that tests read
 * what would have been printed, and so that colour and width are decided in one place.
 *
 * A reader that goes away (`| head`) ends the program quietly: once `out` is closed, writes are dropped.
 */
import process from 'node:process'

export interface Sink {
  write(text: string): void
  readonly isTerminal: boolean
  readonly columns: number
  readonly colour: boolean
}

export interface Streams {
  readonly out: Sink
  readonly err: Sink
}

const FALLBACK_COLUMNS = 80

/** Colour is for people at a terminal who have not declined it; `NO_COLOR` counts when it is not empty. */
export function wantsColour(isTerminal: boolean, arguments_: readonly string[], env: NodeJS.ProcessEnv): boolean {
  if (!isTerminal || arguments_.includes('--no-color')) return false
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/** The process's own streams. `onClosed` is called once when the reader of stdout has gone away. */
export function processStreams(
  arguments_: readonly string[], env: NodeJS.ProcessEnv, onClosed: () => void,
): Streams {
  return {
    out: processSink(process.stdout, arguments_, env, onClosed),
    err: processSink(process.stderr, arguments_, env, () => undefined),
  }
}

function processSink(
  stream: NodeJS.WriteStream, arguments_: readonly string[], env: NodeJS.ProcessEnv, onClosed: () => void,
): Sink {
  let open = true
  stream.on('error', (problem: NodeJS.ErrnoException) => {
    if (problem.code !== 'EPIPE' && problem.code !== 'ERR_STREAM_DESTROYED') throw problem
    if (open) {
      open = false
      onClosed()
    }
  })
  const isTerminal = stream.isTTY === true
  return {
    write(text) {
      if (open) stream.write(text)
    },
    isTerminal,
    get columns() {
      return stream.columns ?? FALLBACK_COLUMNS
    },
    colour: wantsColour(isTerminal, arguments_, env),
  }
}
