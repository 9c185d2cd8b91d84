/**
 * What stands before the server's application: the load balancer, proxy and rate limiter that every request
 * passes first, and the check of access tokens. Policies are put in place by faults and taken away again; a
 * request passes those that are there when it arrives, in the order in which they came.
 *
 * The edge has no memory of its own that a crash of the server could lose: it is part of the site, as a managed
 * load balancer is. Left out: several edges, caches, its own capacity.
 */
import type { Request, Response } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { Listener, StreamEnd, StreamEvents } from '../network/transport.ts'
import { isTokenRequest, UNAUTHORIZED } from '../session/access-tokens.ts'
import type { HostId } from '../values.ts'
import type { Gateway } from './gateway.ts'
import type { TokenIssuer } from './token-issuer.ts'

const encoder = new TextEncoder()

/** A request on its way to the application, and the ways in which it can end. */
export interface Passing {
  readonly device: HostId
  readonly request: Request
  readonly cause: EditId | null
  respond(response: Response): void
  /** Breaks the connection that the request came on. */
  cut(): void
}

export interface Policy {
  /** Hands the request on to `next`, changed or not, or ends it. */
  pass(passing: Passing, next: (passing: Passing) => void): void
  /** Whether the device may open a stream, which begins with a request; yes unless said. */
  admits?(device: HostId): boolean
}

export class Edge implements Listener {
  readonly #host: Host
  readonly #gateway: Gateway
  readonly #tokens: TokenIssuer | null
  #policies: readonly Policy[] = []

  /** @param tokens null where access tokens are not used */
  constructor(host: Host, gateway: Gateway, tokens: TokenIssuer | null) {
    this.#tokens = tokens
    this.#host = host
    this.#gateway = gateway
  }

  /** Puts a policy behind those that are there; returns how to take it away. */
  add(policy: Policy): () => void {
    this.#policies = [...this.#policies, policy]
    return () => { this.#policies = this.#policies.filter((one) => one !== policy) }
  }

  accepted = (device: HostId, end: StreamEnd): StreamEvents => this.#gateway.accepted(device, end)

  admits = (device: HostId): boolean => this.#policies.every((policy) => policy.admits?.(device) ?? true)

  request = (device: HostId, request: Request, cause: EditId | null, respond: (response: Response) => void, cut: () => void): void => {
    // Most requests meet no policy.
    this.#pass({ device, request, cause, respond, cut }, this.#policies, 0)
  }

  #pass(passing: Passing, policies: readonly Policy[], index: number): void {
    const policy = policies[index]
    if (policy !== undefined) policy.pass(passing, (next) => this.#pass(next, policies, index + 1))
    // What was held up before a process that is gone by now had its connection reset with it.
    else if (this.#host.isUp) this.#admit(passing)
  }

  #admit({ device, request: { authorization, ...request }, cause, respond }: Passing): void {
    const tokens = this.#tokens
    if (tokens === null) return this.#gateway.request(device, request, cause, respond)
    if (isTokenRequest(request)) return respond({ status: 200, body: encoder.encode(tokens.issue(device)) })
    if (tokens.leftUs(device, authorization) === 0) return respond({ status: UNAUTHORIZED, body: new Uint8Array(0) })
    this.#gateway.request(device, request, cause, respond)
  }

  /** Makes every access token of these devices void, and closes their streams. Returns how many devices had one. */
  revoke(devices: readonly HostId[]): number {
    return devices.filter((device) => {
      const hadOne = this.#tokens?.revoke(device) ?? false
      if (hadOne) this.#gateway.expel(device)
      return hadOne
    }).length
  }
}
