/** Says on which host, and when in virtual time, code of the system under test threw; `cause` is what it threw. */
import type { HostId } from '../values.ts'

export class HostError extends Error {
  override readonly name = 'HostError'
  readonly host: HostId
  readonly atUs: number

  constructor(host: HostId, atUs: number, cause: unknown) {
    super(`${host} at ${atUs / 1_000_000} s: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.host = host
    this.atUs = atUs
  }

  /** The innermost host is the one to name: an error that has a host keeps it. */
  static from(host: HostId, atUs: number, error: unknown): HostError {
    return error instanceof HostError ? error : new HostError(host, atUs, error)
  }
}
