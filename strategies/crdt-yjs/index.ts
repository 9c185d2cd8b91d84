/**
 * `crdt-yjs`: Yjs documents (registers in a Y.Map, texts as Y.Text) with our own sync over session frames.
 *
 * Edits are safe once they are on the device's disk; the server relays, and merging needs no order. Owns
 * dedup (updates are idempotent), resume (state vectors say what is missing) and persistence.
 * Bears datagrams: nothing in it counts on order, and what is lost is found by comparing states.
 * `StrategyOptions.ids` is respected through `replicaNumber`, from which client ids come.
 */
import type { Claim, DataType, Strategy, StrategyModule } from '../../sim/contract.ts'
import { YjsAuthority } from './authority.ts'
import { loadYjs } from './libraries.ts'
import { YjsReplica } from './replica.ts'

const ON_BOTH: readonly DataType[] = ['register', 'text']
const WITNESS = { scenario: 'order-desk', seeds: 20 } as const

const holds = (types: readonly DataType[], property: string, because: string): readonly Claim[] =>
  types.map((type) => ({ property, type, claim: 'holds', because }))
/** Safe on the device's disk is as safe as that disk. */
const holdsOnSoundDisks = (types: readonly DataType[], property: string, because: string): readonly Claim[] =>
  types.map((type) => ({ property, type, claim: 'holds-if', condition: { setting: 'weather', is: 'without bit-rot' }, because }))
const violatedOnRegisters = (property: string, because: string): Claim =>
  ({ property, type: 'register', claim: 'violated', because, witness: WITNESS })

const claims: readonly Claim[] = [
  ...holds(ON_BOTH, 'convergence', 'replicas with the same updates show the same, in whatever order those came'),
  ...holds(ON_BOTH, 'outcome-conservation', 'every edit becomes one update on the device\'s disk'),
  ...holdsOnSoundDisks(['text'], 'no-lost-write', 'insertions merge side by side; only somebody who saw a character deletes it'),
  violatedOnRegisters('no-lost-write', 'of concurrent sets of one map key the highest client id wins, the others are gone'),
  ...holdsOnSoundDisks(ON_BOTH, 'no-unexplained-loss', 'what is gone was overwritten or deleted by a known update'),
  { property: 'liveness-after-heal', type: 'any', claim: 'holds', because: 'state vectors are exchanged at every reconnection' },
  ...holds(ON_BOTH, 'bounded-staleness', 'updates are pushed, and missed ones are sent at reconnection'),
  {
    property: 'bounded-refetches', type: 'any', claim: 'not-applicable',
    because: 'updates are pushed; nothing is fetched after a change signal',
  },
  ...holds(ON_BOTH, 'stale-screen', 'missed updates are sent at reconnection'),
  ...holds(ON_BOTH, 'duplicate-update', 'applying an update twice changes nothing'),
  ...holdsOnSoundDisks(['text'], 'race-override', 'concurrent insertions stand side by side'),
  violatedOnRegisters('race-override', 'of concurrent sets of one map key the highest client id wins without a word'),
  ...holdsOnSoundDisks(['text'], 'broken-audit-trail', 'updates of one client are applied in their order, each once'),
  violatedOnRegisters('broken-audit-trail', 'a value that loses the merge before it reaches the server is never shown there'),
  ...holds(ON_BOTH, 'inconsistent-devices', 'replicas with the same updates show the same'),
]

const module: StrategyModule = {
  name: 'crdt-yjs',
  summary: 'Yjs documents, merged on every device, relayed and stored by a server',
  claims,
  types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'native' },
  topology: ['server'],
  settles: 'local-durable',
  owns: new Set(['dedup', 'resume', 'persistence']),
  delivery: 'datagrams',
  libraries: ['yjs', 'y-protocols'],
  async load(libraries): Promise<Strategy> {
    const loaded = await loadYjs(libraries)
    return {
      replica: (context) => new YjsReplica(loaded, context),
      authority: (context) => new YjsAuthority(loaded, context),
    }
  },
}

export default module
