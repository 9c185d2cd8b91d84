/**
 * `echo`: the smallest strategy that works, for tests of the world alone. Registers only, last arrival wins.
 *
 * A replica sends each edit as a frame and again at every new session until the server has echoed it; the
 * server keeps no journal and takes repetitions as new writes. Everything it does by itself, so that none
 * of the stack's parts stands between the test and the network, unless the test says otherwise (`owns`).
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type {
  Authority, AuthorityContext, EditHandle, LocalEdit, Replica, ReplicaContext, Request, Response, Session, StackPart,
  Strategy, StrategyModule, View,
} from '../contract.ts'

interface Write { readonly number: number; readonly field: string; readonly value: string }

function encode({ number, field, value }: Write): Uint8Array { return new ByteWriter().varint(number).text(field).text(value).finish() }

function decode(bytes: Uint8Array): Write {
  const reader = new ByteReader(bytes)
  return { number: reader.varint(), field: reader.text(), value: reader.text() }
}

class Values {
  readonly #values = new Map<string, string>()
  readonly #context: ReplicaContext | AuthorityContext
  constructor(context: ReplicaContext | AuthorityContext) { this.#context = context }

  set(field: string, value: string): void {
    this.#values.set(field, value)
    for (const { id } of this.#context.documents) this.#context.changed(id)
  }

  view(document: string): View {
    const fields = this.#context.documents.find(({ id }) => id === document)?.fields ?? []
    return Object.fromEntries(fields.filter(({ type }) => type === 'register')
      .map(({ name, initial }) => [name, this.#values.get(name) ?? initial]))
  }
}

export class EchoReplica implements Replica {
  readonly context: ReplicaContext
  readonly #values: Values
  #pending: (Write & { readonly handle: EditHandle })[] = []
  #numbers = 0
  #session: Session | null = null

  constructor(context: ReplicaContext) {
    this.context = context
    this.#values = new Values(context)
  }

  open(): void { /* one document is all there is */ }

  opened(session: Session): void {
    this.#session = session
    for (const write of this.#pending) session.send(encode(write), 'data')
  }

  closed(session: Session): void { if (this.#session === session) this.#session = null }

  edit({ handle, field, change }: LocalEdit): void {
    if (change.op !== 'set') throw new Error('echo works on registers only')
    const write = { number: ++this.#numbers, field, value: change.value, handle }
    this.#pending.push(write)
    this.#values.set(field, change.value)
    this.#session?.send(encode(write), 'data')
  }

  received(_session: Session, bytes: Uint8Array): void {
    const { number, field, value } = decode(bytes)
    const own = this.#pending.find((write) => write.number === number)
    this.#pending = this.#pending.filter((write) => write !== own)
    if (own !== undefined) this.context.settle(own.handle, 'server-durable')
    if (!this.#pending.some((write) => write.field === field)) this.#values.set(field, value)
  }

  view(document: string): View { return this.#values.view(document) }
  pending(): number { return this.#pending.length }
  dispose(): void { this.#session = null }
}

export class EchoAuthority implements Authority {
  readonly context: AuthorityContext
  readonly #values: Values
  readonly #sessions = new Map<Session, true>()

  constructor(context: AuthorityContext) {
    this.context = context
    this.#values = new Values(context)
  }

  opened(session: Session): void { this.#sessions.set(session, true) }
  closed(session: Session): void { this.#sessions.delete(session) }

  received(session: Session, bytes: Uint8Array): void {
    const write = decode(bytes)
    this.#values.set(write.field, write.value)
    for (const one of this.#sessions.keys()) one.send(encode({ ...write, number: one === session ? write.number : 0 }), 'data')
  }

  request(request: Request, respond: (response: Response) => void): void { respond({ status: 200, body: request.body }) }

  view(document: string): View { return this.#values.view(document) }
  pending(): number { return 0 }
  dispose(): void { this.#sessions.clear() }
}

export const echoStrategy: Strategy = {
  replica: (context) => new EchoReplica(context),
  authority: (context) => new EchoAuthority(context),
}

/** The module of `echo`, or of a strategy made from it. */
export function echoModule(strategy: Strategy = echoStrategy, owns: readonly StackPart[] = ['resend', 'order', 'dedup', 'resume', 'persistence']): StrategyModule {
  return {
    name: 'echo', summary: 'writes go to the server and come back', claims: [],
    types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'none' },
    topology: ['server'], settles: 'server-durable', owns: new Set(owns), libraries: [],
    load: () => Promise.resolve(strategy),
  }
}
