/**
 * Keeps a machine off the network while it is without power or asleep. The tabs of a machine share one: it is cut
 * from the moment its power fails until its first process starts again, and while any of them is suspended. So a
 * tab that starts or wakes never speaks into a link that another tab of the same machine still holds cut.
 */
import type { AccessLink } from '../network/access-link.ts'
import type { Host } from './host.ts'

export class Outage {
  readonly #links: readonly AccessLink[]
  readonly #suspended = new Set<Host>()
  #isOff = false
  #cutAtSleep = 0

  /** @param links each once */
  constructor(links: readonly AccessLink[]) {
    this.#links = [...new Set(links)]
  }

  powerOff(): void {
    if (!this.#isOff) this.#cut()
    this.#isOff = true
  }

  powerOn(): void {
    if (this.#isOff) this.#heal()
    this.#isOff = false
  }

  suspend(host: Host): void {
    if (this.#suspended.size === 0) {
      this.#cutAtSleep = this.#packetsCut()
      this.#cut()
    }
    this.#suspended.add(host)
  }

  /** Returns how many packets met the machine while it was asleep, when its last process has woken; else 0. */
  wake(host: Host): number {
    if (!this.#suspended.delete(host) || this.#suspended.size > 0) return 0
    this.#heal()
    return this.#packetsCut() - this.#cutAtSleep
  }

  #packetsCut(): number { return this.#links.reduce((sum, { packetsCut }) => sum + packetsCut, 0) }
  #cut(): void { for (const link of this.#links) link.partition() }
  #heal(): void { for (const link of this.#links) link.heal() }
}
