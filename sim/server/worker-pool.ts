/** A server that has run out of room: so many workers, a queue of bounded length before them, first come first served. */

/** Work that keeps a worker busy until it calls `done`. */
export type Work = (done: () => void) => void

export class WorkerPool {
  #workers: number
  readonly #queueMax: number
  readonly #queue: Work[] = []
  #busy = 0

  constructor(workers: number, queueMax: number) {
    this.#workers = workers
    this.#queueMax = queueMax
  }

  get isFull(): boolean { return this.#busy >= this.#workers && this.#queue.length >= this.#queueMax }

  /** False if every worker is busy and the queue is full. */
  take(work: Work): boolean {
    if (this.isFull) return false
    this.#queue.push(work)
    this.#serve()
    return true
  }

  /** There are workers for everybody again. */
  open(): void {
    this.#workers = Infinity
    this.#serve()
  }

  #serve(): void {
    while (this.#busy < this.#workers) {
      const work = this.#queue.shift()
      if (work === undefined) return
      this.#busy += 1
      let isDone = false
      work(() => {
        if (isDone) return
        isDone = true
        this.#busy -= 1
        this.#serve()
      })
    }
  }
}
