/**
 * `ot-text`: operational transformation of texts over the library ot-text-unicode, with our own protocols.
 *
 * The server orders all operations, so only transformation property 1 is needed (TP1; E06). The option
 * `inFlight` selects the protocol: `one` operation in flight and the rest composed, or `many`, original
 * Jupiter. Needs a session of ordered frames, and bears losing it at any moment: it owns resend, order,
 * dedup (the server recognises an operation sent again by its client and number) and resume.
 */
import type { Claim, Strategy, StrategyModule } from '../../sim/contract.ts'
import { requiredLibrary } from '../required-library.ts'
import { OtAuthority } from './authority.ts'
import type { OtType } from './operation.ts'
import { OtReplica } from './replica.ts'

const LIBRARY = 'ot-text-unicode'
const VERSION = '4.0.0'

const onText = (property: string, because: string): Claim => ({ property, type: 'text', claim: 'holds', because })

const claims: readonly Claim[] = [
  onText('convergence', 'the server orders all operations, and transforming has property TP1'),
  onText('outcome-conservation', 'every edit is acknowledged once, composed or not'),
  onText('no-lost-write', 'an acknowledged operation is in the server\'s log, and reaches every replica from there'),
  onText('no-unexplained-loss', 'inserted text stays until somebody who saw it deletes it'),
  { property: 'liveness-after-heal', type: 'any', claim: 'holds', because: 'a new session begins by sending again what is unacknowledged' },
  onText('bounded-staleness', 'accepted operations are pushed, and missed ones are sent at reconnection'),
  {
    property: 'bounded-refetches', type: 'any', claim: 'not-applicable',
    because: 'operations are pushed; nothing is fetched after a change signal',
  },
  onText('stale-screen', 'missed operations are sent at reconnection'),
  onText('duplicate-update', 'the server recognises a repeated operation by client and number'),
  onText('race-override', 'concurrent edits are transformed past each other, never replaced'),
  onText('broken-audit-trail', 'the log holds every accepted operation in one order'),
  onText('inconsistent-devices', 'all devices apply the server\'s order'),
]

const module: StrategyModule = {
  name: 'ot-text',
  summary: 'operational transformation through a server that orders operations (ot-text-unicode)',
  claims,
  types: { register: 'none', counter: 'none', set: 'none', list: 'none', text: 'native' },
  topology: ['server'],
  settles: 'server-durable',
  owns: new Set(['resend', 'order', 'dedup', 'resume']),
  libraries: [LIBRARY],
  async load(libraries): Promise<Strategy> {
    const type = otTypeOf(await requiredLibrary(libraries, 'ot-text', LIBRARY, `${LIBRARY}@${VERSION}`))
    return {
      replica: (context) => new OtReplica(type, context),
      authority: (context) => new OtAuthority(type, context),
    }
  },
}

export default module

/** The library is CommonJS: depending on the loader its `type` stands on the namespace or on its default. */
function otTypeOf(library: unknown): OtType {
  const found = library as { readonly type?: OtType; readonly default?: { readonly type?: OtType } }
  const type = found.type ?? found.default?.type
  if (type === undefined) throw new Error(`the library '${LIBRARY}' has no 'type'; version ${VERSION} is expected`)
  return type
}
