/** The relay and the two programs at its ends, each a process of its own that ends with this one. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fate, lossThreshold } from './fate.ts'
import type { Namespaces } from './namespaces.ts'
import type { ClientRequest, ServerRequest } from './peer-messages.ts'
import { CLIENT_ADDRESS, FIRST_PORT, SERVER_ADDRESS } from './peer-messages.ts'

/** Beside the sources: nothing copies it to dist/. */
const RELAY = fileURLToPath(new URL('../../../bench/real-tcp/relay.py', import.meta.url))
/** The relay says this of itself, so that both know the same hash. */
const CHECK = fate(7, [1, 0, 2, 4_096, 2])

export interface RelayWish {
  readonly seed?: number
  readonly lossProbability?: number
  readonly delayUs?: number
  readonly isBlackHole?: boolean
  /** Counts anew after this answer. */
  readonly stats?: boolean
}

/** Packets since the last `stats`, and how much later than due they were passed on. */
export interface RelayStats {
  readonly forwarded: number
  readonly dropped: number
  readonly lateP50Us: number
  readonly lateP99Us: number
}

export class Wire {
  readonly #relay: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #client: ChildProcess
  readonly #server: ChildProcess

  private constructor(relay: ChildProcess, answers: AsyncIterator<string>, client: ChildProcess, server: ChildProcess) {
    this.#relay = relay
    this.#answers = answers
    this.#client = client
    this.#server = server
  }

  /** @param congestion the kernel's name of a congestion control */
  static async open({ client, server }: Namespaces, congestion: string): Promise<Wire> {
    const relay = spawn('python3', [RELAY, client, CLIENT_ADDRESS, server, SERVER_ADDRESS, String(FIRST_PORT), congestion], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (relay.stdout === null) throw new Error('the relay has no output')
    const answers = createInterface({ input: relay.stdout })[Symbol.asyncIterator]()
    const { check } = await nextAnswer(answers) as { check: number }
    if (check !== CHECK) throw new Error(`the relay would drop other packets than the model: ${check} is not ${CHECK}`)
    const [serverEnd, clientEnd] = [spawnPeer(server, 'ws-server.js'), spawnPeer(client, 'ws-client.js')]
    await Promise.all([answerOf(serverEnd), answerOf(clientEnd)])
    return new Wire(relay, answers, clientEnd, serverEnd)
  }

  async relay({ seed, lossProbability, delayUs, isBlackHole, stats }: RelayWish): Promise<RelayStats> {
    const loss = lossProbability === undefined ? undefined : lossThreshold(lossProbability)
    this.#relay.stdin?.write(`${JSON.stringify({ seed, loss, delayUs, isBlackHole, stats })}\n`)
    return await nextAnswer(this.#answers) as RelayStats
  }

  /** @returns what ws-client.ts answers to this request */
  client(request: ClientRequest): Promise<unknown> { return ask(this.#client, request) }
  server(request: ServerRequest): Promise<unknown> { return ask(this.#server, request) }

  close(): void {
    this.#relay.stdin?.end()
    for (const peer of [this.#client, this.#server]) if (peer.connected) peer.disconnect()
  }
}

async function nextAnswer(answers: AsyncIterator<string>): Promise<unknown> {
  const answer = await answers.next()
  if (answer.done === true) throw new Error('the relay has ended')
  return JSON.parse(answer.value)
}

function spawnPeer(namespace: string, file: string): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return spawn('ip', ['netns', 'exec', namespace, process.execPath, path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function ask(peer: ChildProcess, request: ClientRequest | ServerRequest): Promise<unknown> {
  const answer = answerOf(peer)
  peer.send(request)
  return answer
}

function answerOf(peer: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a peer has ended with ${code}`))
    peer.once('exit', ended)
    peer.once('message', (answer: { readonly value?: unknown; readonly error?: string }) => {
      peer.off('exit', ended)
      if (answer.error === undefined) resolve(answer.value)
      else reject(new Error(answer.error))
    })
  })
}
