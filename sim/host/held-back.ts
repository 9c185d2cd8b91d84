/**
 * What a process would hear and cannot hear now, because it sleeps or its main thread is blocked, in the order in
 * which it came. Frames among it take memory, without bound but for the page's end (A03).
 */

/** What a blocked page can hold of what arrives, and what happens beyond it. */
export interface ReceiveMemory {
  readonly bytes: number
  readonly exceeded: () => void
}

export class HeldBack {
  #waiting: (() => void)[] = []
  #bytes = 0

  get bytes(): number { return this.#bytes }

  /** @param bytes what it takes in memory; @param memory tells once when they are more than it has */
  add(run: () => void, bytes: number, memory: ReceiveMemory | null): void {
    this.#waiting.push(run)
    const before = this.#bytes
    this.#bytes += bytes
    if (memory !== null && before <= memory.bytes && this.#bytes > memory.bytes) memory.exceeded()
  }

  /** Returns how many things it was. */
  release(): number {
    this.#bytes = 0
    const waiting = this.#waiting.splice(0)
    for (const run of waiting) run()
    return waiting.length
  }

  forget(): void {
    this.#waiting = []
    this.#bytes = 0
  }
}
