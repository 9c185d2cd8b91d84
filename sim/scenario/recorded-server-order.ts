/**
 * Finds an order in which one server can have received the transactions of a recorded session.
 *
 * The server passes everything on to everyone in the order it received it, and what it sends to one agent
 * arrives in that order. For each agent, then, the foreign transactions it had seen when it made one of its
 * own must be the first of all foreign ones in the server's order. So, for each agent, the foreign
 * transactions fall into groups: those it first needed for its first transaction, for its second, and so on,
 * and the rest; all of one group come before all of the next, and before the transaction that needed them.
 * A barrier node per group makes this a graph of linear size, and an order of it is an order of the server.
 * Ready transactions are taken by the recording's order. Sessions recorded from peers that met without a
 * server may have no such order.
 */
import { BadInput } from '../bad-input.ts'
import { IndexHeap } from './index-heap.ts'
import type { RecordedSession } from './recorded-session.ts'

/** Indexes of all transactions in a possible order of arrival at the server. Throws `BadInput` if there is none. */
export function serverOrder(session: RecordedSession): readonly number[] {
  const graph = buildGraph(session)
  const size = session.transactions.length
  const order: number[] = []
  const ready = new IndexHeap()
  const release = (node: number): void => {
    // Barriers stand for no arrival of their own: they open at once.
    const open = [node]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next < size) ready.push(next)
      else for (const after of graph.followers[next]) if (--graph.waiting[after] === 0) open.push(after)
    }
  }
  const roots = graph.waiting.flatMap((waiting, node) => waiting === 0 ? [node] : [])
  roots.forEach(release)
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    order.push(index)
    for (const after of graph.followers[index]) if (--graph.waiting[after] === 0) release(after)
  }
  if (order.length < size) {
    const stuck = graph.waiting.findIndex((waiting, node) => node < size && waiting > 0)
    throw new BadInput({
      code: 'contradiction', where: session.source, path: `txns[${stuck}].parents`,
      expected: 'a session that one server with ordered connections can have passed on (transport "scripted"; "websocket" needs no such order)',
      got: 'agents that saw each other\'s transactions in orders that no server order explains',
    })
  }
  return order
}

interface Graph {
  /** Nodes that come after each node. Transactions first, by index; then barriers. */
  readonly followers: number[][]
  /** How many nodes each node still waits for. */
  readonly waiting: number[]
}

function buildGraph(session: RecordedSession): Graph {
  const byAgent: number[][] = Array.from({ length: session.agents }, () => [])
  session.transactions.forEach((transaction, index) => byAgent[transaction.agent].push(index))
  const followers: number[][] = session.transactions.map(() => [])
  const waiting: number[] = session.transactions.map(() => 0)
  const connect = (before: number, after: number): void => {
    followers[before].push(after)
    waiting[after]++
  }
  byAgent.forEach((own, agent) => {
    const seen = byAgent.map(() => 0)
    let barrier: number | undefined
    own.forEach((index, at) => {
      if (at > 0) connect(own[at - 1], index)
      const { ancestors } = session.transactions[index]
      const group = byAgent.flatMap((theirs, other) => other === agent ? [] : theirs.slice(seen[other], ancestors[other]))
      ancestors.forEach((count, other) => { seen[other] = count })
      if (group.length === 0) return
      const next = followers.push([]) - 1
      waiting.push(0)
      for (const member of group) {
        if (barrier !== undefined) connect(barrier, member)
        connect(member, next)
      }
      connect(next, index)
      barrier = next
    })
    if (barrier === undefined) return
    for (const [other, theirs] of byAgent.entries()) {
      if (other !== agent) for (const member of theirs.slice(seen[other])) connect(barrier, member)
    }
  })
  return { followers, waiting }
}
