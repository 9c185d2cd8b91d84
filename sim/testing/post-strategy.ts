/**
 * `post`: the smallest strategy over requests and change signals, for tests of the world alone. Registers only,
 * last arrival wins. Edits are durable requests, news are refetched after a signal: outbox, invalidation, dedup
 * and the push bus are all between the test and the network. The server keeps no journal.
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type {
  Authority, AuthorityContext, LocalEdit, Replica, ReplicaContext, Request, Response, Strategy, StrategyModule, View,
} from '../contract.ts'

function encode(values: ReadonlyMap<string, string>, version: number): Uint8Array {
  const writer = new ByteWriter().varint(version).varint(values.size)
  for (const [field, value] of values) writer.text(field).text(value)
  return writer.finish()
}

function decode(bytes: Uint8Array): { readonly version: number; readonly values: Map<string, string> } {
  const reader = new ByteReader(bytes)
  const version = reader.varint()
  const values = new Map<string, string>()
  for (let left = reader.varint(); left > 0; left--) values.set(reader.text(), reader.text())
  return { version, values }
}

function shownView(context: ReplicaContext | AuthorityContext, document: string, value: (field: string) => string | undefined): View {
  const fields = context.documents.find(({ id }) => id === document)?.fields ?? []
  return Object.fromEntries(fields.filter(({ type }) => type === 'register').map(({ name, initial }) => [name, value(name) ?? initial]))
}

class PostReplica implements Replica {
  readonly #context: ReplicaContext
  #known = new Map<string, string>()
  #version = 0
  readonly #own: { readonly field: string; readonly value: string }[] = []

  constructor(context: ReplicaContext) { this.#context = context }

  open(document: string): void { this.#context.invalidate(document, 0, { initial: true }) }
  opened(): void { /* news come by signal */ }
  closed(): void { /* the stack refetches after a reconnection */ }
  received(): void { throw new Error('post sends no frames') }

  edit({ handle, document, field, change }: LocalEdit): void {
    if (change.op !== 'set') throw new Error('post works on registers only')
    const own = { field, value: change.value }
    this.#own.push(own)
    const body = encode(new Map([[field, change.value]]), 0)
    this.#context.request({ method: 'POST', path: '/', document, body }, { durable: handle }, () => {
      this.#own.splice(this.#own.indexOf(own), 1)
      if (!this.#own.some((one) => one.field === field)) this.#known.set(field, change.value)
      this.#context.invalidate(document, 0)
      this.#context.settle(handle, 'server-durable')
      this.#context.changed(document)
    })
  }

  signalled(document: string, version: number): void { if (version > this.#version) this.#context.invalidate(document, version) }

  refetched(document: string, body: Uint8Array): void {
    const { version, values } = decode(body)
    this.#known = values
    this.#version = version
    this.#context.changed(document)
  }

  view(document: string): View {
    return shownView(this.#context, document, (field) => this.#own.findLast((one) => one.field === field)?.value ?? this.#known.get(field))
  }
  pending(): number { return this.#own.length }
  dispose(): void { /* nothing to let go of */ }
}

class PostAuthority implements Authority {
  readonly #context: AuthorityContext
  readonly #values = new Map<string, string>()
  #version = 0

  constructor(context: AuthorityContext) { this.#context = context }

  opened(): void { /* nobody is told anything but by signal */ }
  closed(): void { /* nothing is kept per session */ }
  received(): void { throw new Error('post sends no frames') }

  request({ method, document, body }: Request, respond: (response: Response) => void): void {
    if (method === 'POST') {
      for (const [field, value] of decode(body).values) this.#values.set(field, value)
      this.#version += 1
      this.#context.changed(document)
      this.#context.publish(document, this.#version)
    }
    respond({ status: 200, version: this.#version, body: encode(this.#values, this.#version) })
  }

  view(document: string): View { return shownView(this.#context, document, (field) => this.#values.get(field)) }
  pending(): number { return 0 }
  dispose(): void { /* nothing to let go of */ }
}

export const postStrategy: Strategy = {
  replica: (context) => new PostReplica(context),
  authority: (context) => new PostAuthority(context),
}

export const postModule: StrategyModule = {
  name: 'post', summary: 'durable requests and refetches', claims: [],
  types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'none' },
  topology: ['server'], settles: 'server-durable', owns: new Set(), libraries: [], load: () => Promise.resolve(postStrategy),
}
