/**
 * Issues access tokens and judges them (requirements A16, B15). A token says whose it is and when it was issued by
 * the server's clock, and is signed, so that nothing needs to be kept of it: a token outlives the process that
 * issued it, and one issued by a clock that ran ahead lives longer. What was revoked is known to the whole site.
 *
 * Left out: refresh tokens that expire or rotate, scopes, the time it takes to make a token.
 */
import type { Host } from '../host/host.ts'
import { TOKEN_CHARS } from '../session/access-tokens.ts'
import type { HostId } from '../values.ts'

export class TokenIssuer {
  readonly #host: Host
  /** Null: tokens live for ever, unless revoked. */
  readonly #lifeUs: number | null
  #serial = 0
  /** Tokens of a device up to this serial number are void. */
  readonly #revoked = new Map<HostId, number>()
  readonly #issuedTo = new Map<HostId, number>()

  constructor(host: Host, lifeUs: number | null) {
    this.#host = host
    this.#lifeUs = lifeUs
  }

  issue(device: HostId): string {
    this.#serial += 1
    this.#issuedTo.set(device, this.#serial)
    return [device, this.#serial, Math.round(this.#host.nowMs() * 1000), ''].join('.').padEnd(TOKEN_CHARS, 'x')
  }

  /** How long a token is good for yet, in microseconds of the server's clock; 0 if it is not. */
  leftUs(device: HostId, token: string | undefined): number {
    if (token === undefined) return 0
    const [owner, serial, issuedUs] = token.split('.')
    if (owner !== device || Number(serial) <= (this.#revoked.get(device) ?? 0)) return 0
    if (this.#lifeUs === null) return Infinity
    return Math.max(0, Number(issuedUs) + this.#lifeUs - Math.round(this.#host.nowMs() * 1000))
  }

  /** Makes every token of a device void. False if it had none. */
  revoke(device: HostId): boolean {
    const last = this.#issuedTo.get(device)
    if (last === undefined || last <= (this.#revoked.get(device) ?? 0)) return false
    this.#revoked.set(device, last)
    return true
  }
}
