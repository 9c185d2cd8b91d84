/** A device's side of crdt-yjs: syncs what the user has open, and settles an edit when it is on disk. */
import type { DocumentId, LocalEdit, Replica, ReplicaContext } from '../../sim/contract.ts'
import type { YjsLibraries } from './libraries.ts'
import { YjsNode } from './yjs-node.ts'

export class YjsReplica extends YjsNode implements Replica {
  private readonly replicaContext: ReplicaContext
  private readonly openDocuments = new Set<DocumentId>()
  private unsettled = 0

  constructor(libraries: YjsLibraries, context: ReplicaContext) {
    super(libraries, context)
    this.replicaContext = context
  }

  open(document: DocumentId): void {
    this.openDocuments.add(document)
    this.begin(document)
  }

  edit({ handle, document, field, change }: LocalEdit): void {
    this.unsettled += 1
    this.editing(() => { this.entry(document).document.edit(field, change) }, () => {
      this.unsettled -= 1
      this.replicaContext.settle(handle, 'local-durable')
    })
  }

  pending(): number { return this.unsettled }

  protected begins(document: DocumentId): boolean { return this.openDocuments.has(document) }
}
