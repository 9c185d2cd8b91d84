/**
 * The memory of the event queue: fixed-size nodes in growable typed arrays, recycled through a free list.
 *
 * A node is four 32-bit words in one array, so that linking, unlinking and cascading touch one cache line:
 * the next and the previous node of the circular list it is in, the low 30 bits of its time, and its
 * generation. The time's high bits (`high`) and the callback live beside it, in arrays that are rarely or
 * only once touched. The first nodes are the queue's slots: list heads that hold no event.
 *
 * Nodes are named by their word offset (index x 4). A handle names a node *and* its generation, which
 * changes whenever the node is given back, so a handle kept too long is recognised instead of hitting a
 * stranger. Generations start at 1, so no handle is 0. A node whose generations are used up is retired:
 * stale handles are never mistaken, whatever the length of a run.
 */

export type EventRun = () => void

/** Stands where no event is. */
const NO_EVENT: EventRun = () => { throw new Error('a node without an event was run') }

/** Word offsets inside a node. */
export const NEXT = 0
export const PREVIOUS = 1
export const TIME_LOW = 2
const GENERATION = 3

const WORDS_PER_NODE = 4
const HANDLE_SHIFT = 0x1000_0000
/** Clears the two bits that no offset has. */
const OFFSET_MASK = 0xfff_fffc
const NODES_MAX = HANDLE_SHIFT / WORDS_PER_NODE
/** 25 bits, so that generation x 2^28 + offset stays a safe integer. */
const GENERATION_MAX = 0x1ff_ffff

export class NodePool {
  words: Int32Array
  high: Int32Array
  runs: EventRun[]
  readonly #firstEvent: number
  /** Offset of the first free node; 0 when there is none (offset 0 is a slot). */
  #free = 0
  #unusedFrom: number

  /** @param slots how many list heads stand in front of the events */
  constructor(slots: number, capacity = 1024) {
    this.words = new Int32Array((slots + capacity) * WORDS_PER_NODE)
    this.high = new Int32Array(slots + capacity)
    this.runs = new Array<EventRun>(slots + capacity).fill(NO_EVENT)
    this.#firstEvent = slots * WORDS_PER_NODE
    this.#unusedFrom = this.#firstEvent
    for (let slot = 0; slot < this.#firstEvent; slot += WORDS_PER_NODE) {
      this.words[slot + NEXT] = slot
      this.words[slot + PREVIOUS] = slot
    }
  }

  /** Takes a node and stores its callback. The caller links it and fills in its time. */
  take(run: EventRun): number {
    let node = this.#free
    if (node !== 0) {
      this.#free = this.words[node + NEXT]
    } else {
      node = this.#unusedFrom
      if (node === this.words.length) this.#grow()
      this.#unusedFrom = node + WORDS_PER_NODE
      this.words[node + GENERATION] = 1
    }
    this.runs[node >> 2] = run
    return node
  }

  /** Gives a node back, which makes its handle stale, and returns the callback it held. */
  release(node: number): EventRun {
    const run = this.runs[node >> 2]
    this.runs[node >> 2] = NO_EVENT
    const generation = this.words[node + GENERATION]
    this.words[node + GENERATION] = generation + 1
    if (generation < GENERATION_MAX) {
      this.words[node + NEXT] = this.#free
      this.#free = node
    }
    return run
  }

  handleOf(node: number): number {
    return (this.words[node + GENERATION]) * HANDLE_SHIFT + node
  }

  /** The node that `handle` names, or 0 when its event has been handled or cancelled, or never was. */
  nodeOf(handle: number): number {
    const node = handle & OFFSET_MASK
    const isKnown = node >= this.#firstEvent && node < this.#unusedFrom
    return isKnown && this.handleOf(node) === handle && this.runs[node >> 2] !== NO_EVENT ? node : 0
  }

  #grow(): void {
    const before = this.high.length
    if (before >= NODES_MAX) throw new RangeError(`more than ${NODES_MAX} pending events`)
    // By half rather than double: a million pending events stay below 64 bytes each, whatever their number.
    const after = Math.min(NODES_MAX, before + (before >> 1))
    const words = new Int32Array(after * WORDS_PER_NODE)
    words.set(this.words)
    this.words = words
    const high = new Int32Array(after)
    high.set(this.high)
    this.high = high
    for (let index = before; index < after; index++) this.runs.push(NO_EVENT)
  }
}
