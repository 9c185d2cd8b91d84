/**
 * A recorded editing session in the concurrent editing trace format: real people writing one text together.
 *
 * `{ kind: "concurrent", endContent, numAgents, txns: [{ parents, agent, time, patches: [[at, removed, inserted]] }] }`;
 * transactions are in causal order, each position counts code points in the text that the parents make when
 * merged, and the patches of one transaction apply one after the other. Further keys are ignored: the format
 * is not ours. Bytes, gzip and JSON are the reader's business.
 */
import { z } from 'zod'
import { BadInput, showValue } from '../bad-input.ts'
import { type JsonPath, renderPath } from './json-path.ts'
import { boundedText, MAX_END_CONTENT_POINTS, MAX_INTENTIONS, text } from './limits.ts'
import { parseRecordedTime } from './recorded-time.ts'
import { schemaProblem } from './schema-problem.ts'

export interface RecordedSession {
  readonly source: string
  readonly agents: number
  readonly endContent: string
  readonly transactions: readonly RecordedTransaction[]
}

export interface RecordedTransaction {
  readonly agent: number
  /** Place among the agent's own transactions, from 0. */
  readonly ordinal: number
  readonly parents: readonly number[]
  /** How many transactions of each agent are ancestors of this one; the agent's own are all before it. */
  readonly ancestors: readonly number[]
  /** The recording's clock, in microseconds since 1970. */
  readonly recordedUs: number
  readonly patches: readonly RecordedPatch[]
}

/** At code point `at`, `removed` code points go and `inserted` comes. */
export interface RecordedPatch {
  readonly at: number
  readonly removed: number
  readonly inserted: string
}

const MAX_AGENTS = 100

const position = z.int().min(0).max(MAX_END_CONTENT_POINTS)

const sessionSchema = z.object({
  kind: z.literal('concurrent'),
  endContent: boundedText(MAX_END_CONTENT_POINTS),
  numAgents: z.int().min(1).max(MAX_AGENTS),
  txns: z.array(z.object({
    parents: z.array(z.int().min(0)).max(MAX_AGENTS),
    agent: z.int().min(0),
    time: z.string().max(40).optional(),
    patches: z.array(z.tuple([position, position, text])).min(1).max(1000),
  })).max(MAX_INTENTIONS),
})

/** Parses a session. Throws `BadInput` for anything that is not one. */
export function parseRecordedSession(value: unknown, source: string): RecordedSession {
  const result = sessionSchema.safeParse(value)
  if (!result.success) throw schemaProblem(result.error, value, source, {})
  const { numAgents, endContent, txns } = result.data
  const refuse = (path: JsonPath, expected: string, got: unknown): BadInput =>
    new BadInput({ code: 'bad-value', where: source, path: renderPath(path), expected, got: showValue(got) })

  const transactions: RecordedTransaction[] = []
  const counts = Array.from({ length: numAgents }, () => 0)
  txns.forEach(({ parents, agent, time, patches }, index) => {
    if (agent >= numAgents) throw refuse(['txns', index, 'agent'], `an agent from 0 to ${numAgents - 1} (numAgents is ${numAgents})`, agent)
    const ancestors = Array.from({ length: numAgents }, () => 0)
    parents.forEach((parent, at) => {
      const from = transactions[parent]
      if (from === undefined) throw refuse(['txns', index, 'parents', at], `an earlier transaction, below ${index}`, parent)
      joinAncestors(ancestors, from)
    })
    const ordinal = counts[agent]
    if (ancestors[agent] !== ordinal) {
      throw refuse(['txns', index, 'parents'], `parents that descend from all ${ordinal} earlier transactions of agent ${agent} (an agent is never concurrent with itself)`, parents)
    }
    const recordedUs = time === undefined ? 0 : parseRecordedTime(time)
    if (recordedUs === undefined) throw refuse(['txns', index, 'time'], 'a time such as 2023-11-22T03:57:32+00:00', time)
    counts[agent] = ordinal + 1
    transactions.push({
      agent, ordinal, parents, ancestors, recordedUs,
      patches: patches.map(([at, removed, inserted]) => ({ at, removed, inserted })),
    })
  })
  return { source, agents: numAgents, endContent, transactions }
}

/** Adds a parent and its ancestors. A count per agent says it all: an agent's transactions are a chain. */
function joinAncestors(ancestors: number[], parent: RecordedTransaction): void {
  parent.ancestors.forEach((count, agent) => {
    const withParent = agent === parent.agent ? count + 1 : count
    if (withParent > ancestors[agent]) ancestors[agent] = withParent
  })
}
