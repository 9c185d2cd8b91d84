/** A connection over two lossy paths of its own kernel, with what each end heard and when. */
import { Kernel } from '../../../kernel/kernel.ts'
import type { TcpOptions } from '../tcp-options.ts'
import { TcpConnection } from '../tcp-connection.ts'
import type { TcpEnd } from '../tcp-end.ts'
import type { TcpEvents } from '../tcp-events.ts'
import { LossyPath } from './lossy-path.ts'
import type { LossyPathProfile } from './lossy-path.ts'

export interface Heard {
  readonly messages: { readonly message: number; readonly atUs: number }[]
  /** `opened`, `writable` and the reason of closing, with their times. */
  readonly events: { readonly event: string; readonly atUs: number }[]
}

export interface TestConnection {
  readonly kernel: Kernel
  readonly up: LossyPath
  readonly down: LossyPath
  readonly client: TcpEnd<number>
  readonly server: TcpEnd<number>
  readonly atClient: Heard
  readonly atServer: Heard
  /** Called for each message at the server, after it is noted. */
  onServerMessage: (message: number) => void
}

export interface TestConnectionSetup {
  readonly profile?: LossyPathProfile
  readonly options?: Partial<TcpOptions>
  readonly seed?: string
  /** A kernel and paths to share among connections. */
  readonly shared?: { readonly kernel: Kernel; readonly up: LossyPath; readonly down: LossyPath; readonly id: number }
}

export function testConnection({ profile = { delayUs: 25_000 }, options = {}, seed = '1', shared }: TestConnectionSetup = {}): TestConnection {
  const kernel = shared?.kernel ?? new Kernel()
  const up = shared?.up ?? new LossyPath(kernel, profile, `${seed} up`)
  const down = shared?.down ?? new LossyPath(kernel, profile, `${seed} down`)
  const atClient: Heard = { messages: [], events: [] }
  const atServer: Heard = { messages: [], events: [] }
  const test: { -readonly [K in keyof TestConnection]?: TestConnection[K] } = { kernel, up, down, atClient, atServer, onServerMessage: () => {} }
  const listen = (heard: Heard, then: (message: number) => void): TcpEvents<number> => ({
    opened: () => heard.events.push({ event: 'opened', atUs: kernel.nowUs }),
    message: (message) => {
      heard.messages.push({ message, atUs: kernel.nowUs })
      then(message)
    },
    writable: () => heard.events.push({ event: 'writable', atUs: kernel.nowUs }),
    closed: (why) => heard.events.push({ event: why, atUs: kernel.nowUs }),
  })
  const connection = new TcpConnection<number>(kernel, {
    id: shared?.id ?? 1, up, down, clientOptions: options, serverOptions: options,
    client: listen(atClient, () => {}), server: listen(atServer, (message) => test.onServerMessage?.(message)),
  })
  return Object.assign(test, { client: connection.client, server: connection.server }) as TestConnection
}

/** The same, connected and with nothing on its way. */
export function openConnection(setup: TestConnectionSetup = {}): TestConnection {
  const test = testConnection(setup)
  test.client.connect()
  test.kernel.run({ untilUs: test.kernel.nowUs + 20_000_000 })
  if (!test.client.isOpen || !test.server.isOpen) throw new Error('the connection did not open within 20 s')
  return test
}

export const eventsOf = (heard: Heard): readonly string[] => heard.events.map(({ event }) => event)
export const messagesOf = (heard: Heard): readonly number[] => heard.messages.map(({ message }) => message)
