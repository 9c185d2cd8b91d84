/** One timer for one purpose, over the kernel: set again, it forgets when it was set for before. */
import type { Kernel, Timer } from '../../kernel/kernel.ts'

export class RestartableTimer {
  readonly #kernel: Kernel
  readonly #fire: () => void
  #timer: Timer = 0

  constructor(kernel: Kernel, run: () => void) {
    this.#kernel = kernel
    this.#fire = () => {
      this.#timer = 0
      run()
    }
  }

  get isSet(): boolean { return this.#timer !== 0 }

  set(delayUs: number): void {
    if (this.#timer !== 0) this.#kernel.cancel(this.#timer)
    this.#timer = this.#kernel.after(delayUs, this.#fire)
  }

  clear(): void {
    if (this.#timer === 0) return
    this.#kernel.cancel(this.#timer)
    this.#timer = 0
  }
}
