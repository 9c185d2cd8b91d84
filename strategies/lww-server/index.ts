/**
 * `lww-server`: the last writer of a property wins, in the order in which writes reach the server
 * (requirements J02, E02, E05).
 *
 * Edits of different fields never disturb each other. Of two writes of one field made without knowledge of
 * each other, the one that arrives later replaces the other without a word: the loss that this strategy is
 * known for, and the point of comparing it. Texts are replaced as a whole, so two people typing in one text
 * overwrite each other. Writes go out as durable requests (resend and dedup are the stack's), news come as
 * frames of a session (resume is the stack's). Left out: telling the author of an overwritten value.
 */
import type { Claim, DataType, StrategyModule } from '../../sim/contract.ts'
import { LwwAuthority } from './authority.ts'
import { LwwReplica } from './replica.ts'

const WITNESS = { scenario: 'order-desk', seeds: 20 } as const
const OVERWRITES = 'of two concurrent writes of a field the one that arrives first is replaced'

function claimsFor(type: DataType): readonly Claim[] {
  const holds = (property: string, because: string): Claim => ({ property, type, claim: 'holds', because })
  const violated = (property: string): Claim => ({ property, type, claim: 'violated', because: OVERWRITES, witness: WITNESS })
  return [
    holds('convergence', 'every replica keeps the value with the highest version of the one server'),
    holds('outcome-conservation', 'every write is answered once, and stays pending until then'),
    holds('no-unexplained-loss', 'a write is replaced only by one that reached the server after it'),
    violated('no-lost-write'),
    violated('race-override'),
    holds('duplicate-update', 'a repeated request gets the first answer and takes no second effect'),
    holds('broken-audit-trail', 'the server numbers the writes of a document one after another'),
    holds('inconsistent-devices', 'all devices take the server\'s order'),
    holds('stale-screen', 'writes are pushed, and a new session begins with a snapshot'),
    holds('bounded-staleness', 'writes are pushed to every session as soon as they are durable'),
  ]
}

const module: StrategyModule = {
  name: 'lww-server',
  summary: 'the last write of a property to reach the server wins; texts are replaced as a whole',
  claims: [
    ...claimsFor('register'), ...claimsFor('text'),
    { property: 'bounded-refetches', type: 'any', claim: 'not-applicable', because: 'values are pushed; nothing is fetched after a change signal' },
    { property: 'liveness-after-heal', type: 'any', claim: 'holds', because: 'the outbox repeats every write until it is answered' },
  ],
  types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'whole-value' },
  topology: ['server'],
  settles: 'server-durable',
  owns: new Set(),
  libraries: [],
  load: () => Promise.resolve({
    replica: (context) => new LwwReplica(context),
    authority: (context) => new LwwAuthority(context),
  }),
}

export default module
