/** The recorded sessions that people published, where a folder with them is at hand; they are not shipped. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { validatePlan } from './plan-schema.ts'
import { parseRecordedSession, type RecordedSession } from './recorded-session.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'

function planOf(recorded: RecordedSession, transport: 'scripted' | 'websocket'): Plan {
  const scenario = setPaths(findScenario('recorded'), ['workload.recorded=session.json', `transport=${transport}`])
  return makePlan(validateScenario(scenario, 'recorded'), 1, { recorded })
}

function transactionOf(intention: string): number {
  return Number(/^t(\d+)/.exec(intention)?.[1])
}

const folder = process.env.SYNCSTORM_RECORDED
const files = ['clownschool.json.gz', 'friendsforever.json.gz'] as const
const skipped = folder === undefined ? ' (skipped: SYNCSTORM_RECORDED names no folder with them)' : ''

describe(`published sessions${skipped}`, () => {
  it.skipIf(folder === undefined).each(files)('%s replays causally and live', (file) => {
    const value: unknown = JSON.parse(gunzipSync(readFileSync(join(folder ?? '', file))).toString('utf8'))
    const session = parseRecordedSession(value, file)
    const causal = planOf(session, 'scripted')
    expect(validatePlan(causal, file).intentions).toHaveLength(session.transactions.reduce((sum, { patches }) => sum + patches.length, 0))
    const { seen, end } = replayCounts(causal)
    const wrong = causal.intentions.filter(({ id }) => {
      const transaction = session.transactions[transactionOf(id)]
      const foreign = transaction?.ancestors.map((count, agent) => agent === transaction.agent ? 0 : count)
      return String(seen.get(id)) !== String(foreign)
    })
    expect(wrong).toEqual([])
    end.forEach((counts, agent) => {
      const others = session.transactions.filter((transaction) => transaction.agent !== agent).length
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(others)
    })
    const live = planOf(session, 'websocket')
    expect(validatePlan(live, file).intentions).toHaveLength(causal.intentions.length)
  })

  /**
   * Carries out a causal plan in a plain model of the scripted transport; how many transactions of each agent
   * every device had received at each intention, and in the end.
   */
  function replayCounts(plan: Plan): { seen: ReadonlyMap<string, readonly number[]>; end: readonly (readonly number[])[] } {
    const agents = new Map(plan.devices.map((device, agent) => [device.id, agent]))
    const devices = new Map(plan.intentions.map((intention) => [intention.id, intention.device]))
    const up = plan.devices.map((): string[] => [])
    const log: string[] = []
    const place = new Map<string, number>()
    const read = plan.devices.map(() => 0)
    const counts = plan.devices.map(() => plan.devices.map(() => 0))
    const lastOf = plan.devices.map(() => plan.devices.map(() => -1))
    const seen = new Map<string, readonly number[]>()
    const steps = [
      ...plan.intentions.map((intention) => ({ atUs: intention.atUs, intention })),
      ...(plan.deliveries ?? []).map((delivery) => ({ atUs: delivery.atUs, delivery })),
    ].sort((a, b) => a.atUs - b.atUs)
    for (const step of steps) {
      if ('intention' in step) {
        const agent = agents.get(step.intention.device) ?? -1
        seen.set(step.intention.id, [...(counts[agent] ?? [])])
        up[agent]?.push(step.intention.id)
        continue
      }
      const { from, to, through } = step.delivery
      if (to === 'server') {
        const frames = up[agents.get(from) ?? -1] ?? []
        for (const id of frames.splice(0, frames.lastIndexOf(through) + 1)) place.set(id, log.push(id) - 1)
        continue
      }
      const agent = agents.get(to) ?? -1
      const last = place.get(through) ?? -1
      for (; (read[agent] ?? 0) <= last; read[agent] = (read[agent] ?? 0) + 1) {
        const id = log[read[agent] ?? 0] ?? ''
        const author = agents.get(devices.get(id) ?? '') ?? -1
        const mine = counts[agent]
        const latest = lastOf[agent]
        if (author === agent || mine === undefined || latest === undefined || latest[author] === transactionOf(id)) continue
        latest[author] = transactionOf(id)
        mine[author] = (mine[author] ?? 0) + 1
      }
    }
    return { seen, end: counts }
  }
})
