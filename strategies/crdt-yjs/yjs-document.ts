/**
 * One document as a Y.Doc: registers in one Y.Map, each text a Y.Text.
 *
 * Three traps of Yjs that this file is about:
 * - everybody must begin with the *same* initial state, not each with an equal one of its own, or the
 *   content shows once per replica after the first sync. So the initial content is an update made with a
 *   reserved client id, the same bytes at every host;
 * - `clientID` is set after loading saved state (D8), and again after applying an update that holds
 *   operations under our own id: Yjs then suspects a second user of the id and picks a random one;
 * - Yjs counts UTF-16 units where the contract counts code points.
 *
 * Texts are also kept as plain strings, updated from each event's delta: walking a Y.Text on every view
 * costs its whole item list. A property test holds the two equal.
 */
import type * as Yjs from 'yjs'
import { unitOfCodePoint } from '../../sim/scenario/code-point-text.ts'
import type { DocumentShape, EditChange, FieldName, FieldValue, View } from '../../sim/contract.ts'

type Y = typeof Yjs

/** Makes the initial content; no replica has it, since replica numbers start at 0 and ids one above. */
const INITIAL_CLIENT = 0
const REGISTERS = 'fields'

/** Marks transactions of the device's own user. */
const LOCAL = Symbol('local edit')

export class YjsDocument {
  readonly doc: Yjs.Doc
  private readonly shape: DocumentShape
  private readonly Y: Y
  private readonly clientId: number
  private readonly texts = new Map<FieldName, string>()
  private shown: View | null = null

  /**
   * @param replicaNumber becomes the client id
   * @param saved updates that survived on disk, in order
   * @param updated is told of every update that changed the document, and what applied it (undefined: the user)
   */
  constructor(
    Y: Y, shape: DocumentShape, replicaNumber: number, saved: Iterable<Uint8Array>,
    updated: (update: Uint8Array, origin: object | undefined) => void,
  ) {
    this.Y = Y
    this.shape = shape
    this.clientId = replicaNumber + 1
    this.doc = new Y.Doc({ guid: shape.id })
    Y.applyUpdate(this.doc, initialUpdate(Y, shape))
    for (const update of saved) Y.applyUpdate(this.doc, update)
    this.doc.clientID = this.clientId
    for (const { name, type } of shape.fields) if (type === 'text') this.mirror(name)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      this.shown = null
      updated(update, origin === LOCAL ? undefined : origin as object)
    })
  }

  /** The user's edit. */
  edit(field: FieldName, change: EditChange): void {
    const type = this.shape.fields.find(({ name }) => name === field)?.type
    if (change.op === 'set' && type === 'register') {
      this.doc.transact(() => { this.registers().set(field, change.value) }, LOCAL)
    } else if (change.op === 'splice' && type === 'text') this.splice(field, change.at, change.removed, change.inserted)
    else throw new Error(`crdt-yjs cannot '${change.op}' ${this.shape.id}/${field} of type ${type}`)
  }

  /** Takes in an update from elsewhere. Throws on bytes that are no update. */
  apply(update: Uint8Array, origin: object): void {
    try {
      this.Y.applyUpdate(this.doc, update, origin)
    } finally {
      this.doc.clientID = this.clientId
    }
  }

  view(): View {
    this.shown ??= this.look()
    return this.shown
  }

  private look(): View {
    const registers = this.registers()
    const view: Record<FieldName, FieldValue> = {}
    for (const { name, type, initial } of this.shape.fields) {
      view[name] = type === 'text' ? this.texts.get(name) ?? '' : type === 'register' ? registers.get(name) ?? null : initial
    }
    return view
  }

  private registers(): Yjs.Map<string> { return this.doc.getMap<string>(REGISTERS) }

  private splice(field: FieldName, at: number, removed: string, inserted: string): void {
    const text = this.texts.get(field) ?? ''
    const unit = unitOfCodePoint(text, at)
    if (text.slice(unit, unit + removed.length) !== removed) {
      throw new RangeError(`'${removed}' does not stand at code point ${at} of ${this.shape.id}/${field}`)
    }
    const shared = sharedText(this.doc, field)
    this.doc.transact(() => {
      if (removed !== '') shared.delete(unit, removed.length)
      if (inserted !== '') shared.insert(unit, inserted)
    }, LOCAL)
    // The observer leaves this to us: the delta of a splice needs no walk.
    this.texts.set(field, text.slice(0, unit) + inserted + text.slice(unit + removed.length))
    this.shown = null
  }

  private mirror(field: FieldName): void {
    const shared = sharedText(this.doc, field)
    this.texts.set(field, shared.toString())
    shared.observe((event, transaction) => {
      if (transaction.origin === LOCAL) return
      const text = this.texts.get(field) ?? ''
      let unit = 0
      let result = ''
      for (const part of event.delta) {
        if (part.retain !== undefined) {
          result += text.slice(unit, unit + part.retain)
          unit += part.retain
        } else if (part.delete !== undefined) unit += part.delete
        else result += String(part.insert)
      }
      this.texts.set(field, result + text.slice(unit))
    })
  }
}

/** The update that makes the initial content: the same bytes for the same shape, at every host. */
export function initialUpdate(Y: Y, shape: DocumentShape): Uint8Array {
  const doc = new Y.Doc({ guid: shape.id })
  doc.clientID = INITIAL_CLIENT
  doc.transact(() => {
    for (const { name, type, initial } of shape.fields) {
      if (initial === null || initial === '') continue
      if (type === 'register') doc.getMap<string>(REGISTERS).set(name, initial)
      else if (type === 'text') sharedText(doc, name).insert(0, initial)
    }
  })
  return Y.encodeStateAsUpdate(doc)
}

/** The shared type of a text field. */
export function sharedText(doc: Yjs.Doc, field: FieldName): Yjs.Text {
  return doc.getText(`text/${field}`)
}
