/**
 * Random sessions over the loopback, for tests of merging strategies: who edits, what travels, who loses
 * the connection, all driven by one list of naturals, so that fast-check can search and shrink it.
 *
 * Every inserted code point is unique in the session (design section 4), half of them outside the BMP, so
 * that what must be in the end can be told without asking the strategy. Edits cluster at the start of the
 * text and remove a little often, which is where merges go wrong. Order of the text is judged only by
 * agreement; the properties over recorded histories judge it further.
 */
import type { DocumentShape, EditHandle, HostId, SettleLevel } from '../sim/contract.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom, type LoopbackOptions, type Pick } from './loopback.ts'

/** One document with a text that begins with pairs and singles, and a register. */
export const INTERLEAVING_DOCUMENTS: readonly DocumentShape[] = [{
  id: 'doc',
  fields: [{ name: 'note', type: 'text', initial: 'a😀b' }, { name: 'price', type: 'register', initial: 'free' }],
}]

export interface InterleavingOptions extends Omit<LoopbackOptions, 'documents'> {
  /** Naturals that decide everything. */
  readonly script: readonly number[]
  /** Whether connections may break. */
  readonly drops: boolean
  /** Whether registers are set too. */
  readonly registers?: boolean
  /** Runs before every step: for more disturbance, and for watching. */
  readonly disturb?: (net: Loopback, pick: Pick) => void
}

export interface Interleaving {
  readonly net: Loopback
  readonly handles: readonly EditHandle[]
  /** What each edit of the text put in and took out. */
  readonly splices: ReadonlyMap<EditHandle, { readonly removed: readonly string[]; readonly inserted: readonly string[] }>
  /** Code points put in, and those that somebody took out. */
  readonly inserted: ReadonlySet<string>
  readonly deleted: ReadonlySet<string>
  /** Register values that somebody saw and replaced. */
  readonly replaced: ReadonlySet<string>
  /** Edits made while another device had one that the editor did not know: what merging is about. */
  readonly concurrent: number
}

/** Plays a session, then reconnects everybody and drains the network. */
export function playInterleaving(options: InterleavingOptions): Interleaving {
  const net = new Loopback({ ...options, documents: INTERLEAVING_DOCUMENTS })
  const pick = picksFrom(options.script)
  const { devices } = options
  const handles: EditHandle[] = []
  const splices = new Map<EditHandle, { readonly removed: readonly string[]; readonly inserted: readonly string[] }>()
  const inserted = new Set(Array.from('a😀b'))
  const deleted = new Set<string>()
  const replaced = new Set<string>()
  let concurrent = 0
  const typeOn = (device: HostId): void => {
    const points = Array.from(net.view(device, 'doc').note ?? '')
    if (points.length < inserted.size - deleted.size || [...deleted].some((one) => points.includes(one))) concurrent += 1
    const at = pick(2) === 0 ? 0 : pick(points.length + 1)
    const removed = points.slice(at, at + Math.max(0, pick(5) - 2))
    const length = pick(3) + (removed.length === 0 ? 1 : 0)
    const added = Array.from({ length }, (_, index) => freshPoint(inserted.size + index))
    for (const one of removed) deleted.add(one)
    for (const one of added) inserted.add(one)
    const handle = net.edit(device, 'doc', 'note', { op: 'splice', at, removed: removed.join(''), inserted: added.join('') })
    handles.push(handle)
    splices.set(handle, { removed, inserted: added })
  }
  const setOn = (device: HostId): void => {
    replaced.add(net.view(device, 'doc').price ?? '')
    handles.push(net.edit(device, 'doc', 'price', { op: 'set', value: `${device} ${handles.length}` }))
  }
  for (let step = 0; step < options.script.length; step++) {
    const device = devices[pick(devices.length)] ?? ''
    options.disturb?.(net, pick)
    const action = pick(12)
    if (action < 4) typeOn(device)
    else if (action === 4 && options.registers === true) setOn(device)
    else if (action === 5 && options.drops) {
      if (net.connected(device)) net.drop(device)
      else net.reconnect(device)
    } else net.step(pick)
  }
  for (const device of devices) net.reconnect(device)
  net.drain()
  return { net, handles, splices, inserted, deleted, replaced, concurrent }
}

/** What is wrong at the end of a session: nothing, for a strategy that merges. */
export function problemsOf(played: Interleaving, devices: readonly HostId[], level: SettleLevel): readonly string[] {
  const { net, handles, inserted, deleted, replaced } = played
  const problems: string[] = []
  const truth = net.view(LOOPBACK_SERVER, 'doc')
  for (const device of devices) {
    const view = net.view(device, 'doc')
    if (view.note !== truth.note) problems.push(`${device} shows '${view.note}', the authority '${truth.note}'`)
    if (view.price !== truth.price) problems.push(`${device} shows price '${view.price}', the authority '${truth.price}'`)
    if (net.pending(device) !== 0) problems.push(`${device} still has ${net.pending(device)} edits pending`)
  }
  const counts = new Map<string, number>()
  for (const one of Array.from(truth.note ?? '')) counts.set(one, (counts.get(one) ?? 0) + 1)
  for (const one of inserted) {
    const wanted = deleted.has(one) ? 0 : 1
    if ((counts.get(one) ?? 0) !== wanted) problems.push(`'${one}' stands there ${counts.get(one) ?? 0} times, not ${wanted}`)
  }
  for (const one of counts.keys()) if (!inserted.has(one)) problems.push(`'${one}' was never inserted`)
  if (truth.price !== null && truth.price !== undefined && replaced.has(truth.price)) {
    problems.push(`price '${truth.price}' came back though somebody saw and replaced it`)
  }
  for (const handle of handles) {
    const outcomes = net.settlements.get(handle) ?? []
    if (outcomes.length !== 1 || outcomes[0] !== level) problems.push(`${handle} ended as [${outcomes.join(', ')}]`)
  }
  return problems
}

/** The `index`-th unique code point: by turns inside and outside the BMP. */
function freshPoint(index: number): string {
  return String.fromCodePoint((index % 2 === 0 ? 0x4e00 : 0x2_0000) + index)
}
