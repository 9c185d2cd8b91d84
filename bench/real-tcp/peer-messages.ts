/** What the script asks of the two programs at the ends of the real wire, and what they answer. */

/** A message as the server got it. Times of the machine's monotonic clock. */
export type Delivery = readonly [connection: number, sentUs: number, receivedUs: number]

export interface Opened {
  readonly connection: number
  readonly dialledUs: number
  readonly openedUs: number
  /** What the upgrade took in the stream. */
  readonly requestBytes: number
  readonly responseBytes: number
}

export interface Ended {
  readonly connection: number
  readonly endedUs: number
}

export type ClientRequest =
  | { readonly ask: 'open'; readonly connections: readonly number[]; readonly gapMs: number }
  /** Answers after the last message: how many `send` took without an error. */
  | { readonly ask: 'stream'; readonly gapMs: number; readonly durationMs: number; readonly payloadBytes: number }
  /** Which connections have ended since they were opened. */
  | { readonly ask: 'ended' }
  | { readonly ask: 'close' }

export type ServerRequest =
  | { readonly ask: 'collect' }
  | { readonly ask: 'reset' }

/** Where a message carries what its `Delivery` says, as 64-bit floats. */
export const HEADER = { connection: 0, sentUs: 8 } as const

export const FIRST_PORT = 20_000
export const SERVER_PORT = 8_080
export const CLIENT_ADDRESS = '10.9.0.1'
export const SERVER_ADDRESS = '10.9.0.2'

export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n)

/** Answers the requests of the parent process one by one, and ends with it. */
export function serve<Request, Answer>(answer: (request: Request) => Promise<Answer> | Answer): void {
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => {}) // the parent ends this, after it has cleaned up
  process.on('message', (request: Request) => {
    void Promise.resolve(request).then(answer).then(
      (value) => process.send?.({ value }),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
  process.send?.({ value: 'ready' })
}
