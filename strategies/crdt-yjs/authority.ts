/**
 * The server's side of crdt-yjs: one more replica, which relays updates and never edits.
 *
 * It acknowledges nothing: edits are safe on their device's disk (`local-durable`), and a server that lost
 * its tail gets it again through step 2.
 */
import type { Authority, AuthorityContext, Request, Response } from '../../sim/contract.ts'
import type { YjsLibraries } from './libraries.ts'
import { YjsNode } from './yjs-node.ts'

export class YjsAuthority extends YjsNode implements Authority {
  constructor(libraries: YjsLibraries, context: AuthorityContext) { super(libraries, context) }

  request(_request: Request, respond: (response: Response) => void): void {
    respond({ status: 404, body: new Uint8Array() })
  }

  pending(): number { return 0 }

  /** Devices begin; the authority asks back. */
  protected begins(): boolean { return false }
}
