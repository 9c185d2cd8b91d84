/**
 * `version-reject`: optimistic concurrency with a version per document (requirements E14, C05, C06, D10).
 *
 * A write made on a version that is no longer current is refused with 409; its author is told, and sees the
 * authoritative state after a refetch. News travel as change signals that carry a version and never state:
 * a device that is behind fetches, through the stack's debounce. Nothing is merged and nothing is lost
 * silently; the price is refusals under contention. Texts are replaced as a whole. Left out: resending a
 * refused write on top of the new state (rebase), which needs to know what the write meant.
 */
import type { Claim, DataType, StrategyModule } from '../../sim/contract.ts'
import { VersionRejectAuthority } from './authority.ts'
import { VersionRejectReplica } from './replica.ts'

function claimsFor(type: DataType): readonly Claim[] {
  const holds = (property: string, because: string): Claim => ({ property, type, claim: 'holds', because })
  return [
    holds('convergence', 'every device behind the last signalled version fetches the authoritative document'),
    {
      property: 'outcome-conservation', type, claim: 'holds-if', condition: { setting: 'weather', is: 'without bit-rot' },
      because: 'every write is accepted or refused once, and a refusal is told once; a disk that forgets that it was told has it told again',
    },
    holds('no-lost-write', 'a write is accepted only on top of what its author saw'),
    holds('no-unexplained-loss', 'a write is accepted only on top of what its author saw'),
    holds('race-override', 'the later of two concurrent writes is refused'),
    holds('duplicate-update', 'a repeated request gets the first answer and takes no second effect'),
    holds('broken-audit-trail', 'accepted writes form one chain of versions'),
    holds('inconsistent-devices', 'every view is the authoritative document under own pending writes'),
    holds('stale-screen', 'signals, and a revalidation after every reconnection, lead to a refetch'),
    holds('bounded-staleness', 'a signal leads to a refetch within the debounce\'s longest wait'),
  ]
}

const module: StrategyModule = {
  name: 'version-reject',
  summary: 'writes on an outdated version are refused (409) and told; change signals lead to authoritative refetches',
  claims: [
    ...claimsFor('register'), ...claimsFor('text'),
    {
      property: 'bounded-refetches', type: 'any', claim: 'holds-if', condition: { setting: 'client.invalidation', is: 'debounced' },
      because: 'a burst of signals is debounced into one refetch',
    },
    { property: 'liveness-after-heal', type: 'any', claim: 'holds', because: 'the outbox repeats every write until it is answered, and refetches are retried' },
  ],
  types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'whole-value' },
  topology: ['server'],
  settles: 'server-durable',
  owns: new Set(),
  libraries: [],
  load: () => Promise.resolve({
    replica: (context) => new VersionRejectReplica(context),
    authority: (context) => new VersionRejectAuthority(context),
  }),
}

export default module
