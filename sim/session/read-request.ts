/** How a device asks the authority for a document, and a read replica what it would answer. */
import type { Request } from '../contract.ts'
import type { DocumentId } from '../values.ts'

export function readRequest(document: DocumentId): Request {
  return { method: 'GET', path: `/documents/${document}`, document, body: new Uint8Array(0) }
}
