/**
 * What the tabs of one browser say to one another without the network: named locks, after Web Locks, and messages
 * to all others, after BroadcastChannel. Both cross processes, so they take a moment and never run in the call.
 *
 * - A lock is exclusive and granted in the order in which it was asked for. It is held until its holder releases it
 *   or its process ends. A tab that stands still keeps what it holds (browsers rather do not freeze such a tab), and
 *   one that is granted a lock in its sleep learns of it when it wakes.
 * - A message reaches the tabs that are awake when it is sent, the sender excepted; HTML calls it "fully active". One
 *   that falls asleep on the way hears it after waking, and one that ends never.
 *
 * Left out: shared locks, `ifAvailable`, `steal` and aborting a request; several channels; service and shared workers.
 */
import type { Cancel } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from './host.ts'

/** From one process of a browser to another by way of a third; the order of two hand-overs. */
export const BETWEEN_TABS_US = 1_000

/** One tab's process, as long as it lives. */
export interface TabAccess {
  lock(name: string, run: (release: Cancel) => void): void
  broadcast(bytes: Uint8Array): void
  /** The process has ended: its locks are free, and it hears nothing more. */
  leave(): void
}

interface Member {
  readonly host: Host
  readonly hear: (bytes: Uint8Array) => void
}

interface LockRequest {
  readonly member: Member
  readonly cause: EditId | null
  readonly run: (release: Cancel) => void
}

export class TabGroup {
  readonly #members = new Set<Member>()
  /** By name, in the order of the requests; the first holds the lock. */
  readonly #locks = new Map<string, LockRequest[]>()

  /** A process begins. `hear` is called on its host. */
  join(host: Host, hear: (bytes: Uint8Array) => void): TabAccess {
    const member: Member = { host, hear }
    this.#members.add(member)
    return {
      lock: (name, run) => this.#request(name, { member, cause: host.world.cause.current, run }),
      broadcast: (bytes) => this.#broadcast(member, bytes.slice()),
      leave: () => this.#leave(member),
    }
  }

  #request(name: string, request: LockRequest): void {
    const queue = this.#locks.get(name) ?? []
    this.#locks.set(name, queue)
    queue.push(request)
    if (queue[0] === request) this.#grant(name, request)
  }

  #grant(name: string, request: LockRequest): void {
    const release = (): void => this.#release(name, request)
    this.#tell(request.member, request.cause, () => request.run(release))
  }

  #release(name: string, request: LockRequest): void {
    const queue = this.#locks.get(name) ?? []
    const at = queue.indexOf(request)
    if (at < 0) return
    queue.splice(at, 1)
    if (at === 0 && queue[0] !== undefined) this.#grant(name, queue[0])
  }

  #broadcast(sender: Member, bytes: Uint8Array): void {
    const cause = sender.host.world.cause.current
    for (const member of this.#members) {
      if (member !== sender && member.host.isAwake) this.#tell(member, cause, () => member.hear(bytes.slice()))
    }
  }

  /** Runs on the member's host a moment later, when it is awake, if its process still lives. */
  #tell(member: Member, cause: EditId | null, run: () => void): void {
    const { host } = member
    host.world.kernel.after(BETWEEN_TABS_US, () => {
      if (this.#members.has(member)) host.whenAwake(() => host.dispatch(cause, run))
    })
  }

  #leave(member: Member): void {
    this.#members.delete(member)
    for (const [name, queue] of this.#locks) {
      for (const request of queue.filter((one) => one.member === member)) this.#release(name, request)
    }
  }
}
