/** What the two gave, side by side: `syncstorm.real-tcp/1`. */
import Table from 'cli-table3'
import type { Delivery } from './peer-messages.ts'

/** How far the model may lie from the kernel. */
export const GOALS = { p50: 0.05, p95: 0.25, p99: 0.25 } as const
export type Percentile = keyof typeof GOALS
const SHARES: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }
const PERCENTILES: readonly Percentile[] = ['p50', 'p95', 'p99']

export interface Compared {
  readonly realMs: number
  readonly modelMs: number
  /** Model to real. */
  readonly ratio: number
  readonly isMet: boolean
}

export interface Comparison {
  readonly name: string
  readonly lossProbability: number
  readonly samples: number
  readonly percentiles: Readonly<Record<Percentile, Compared>>
  /** Shares of samples above twice the kernel's median: what a percentile on the edge of them cannot say. */
  readonly late: { readonly real: number; readonly model: number }
  /** Packets that the two dropped, which should be nearly the same ones; absent where nothing was counted. */
  readonly dropped?: { readonly real: number; readonly model: number }
}

export interface Check {
  readonly name: string
  readonly isMet: boolean
  readonly found: string
}

export interface TcpReport {
  readonly schema: 'syncstorm.real-tcp/1'
  readonly machine: { readonly kernel: string; readonly node: string; readonly ws: string; readonly congestion: string; readonly cores: number }
  readonly wire: {
    readonly oneWayMs: number
    /** What the model's link was given: the real median without loss. */
    readonly calibratedOneWayUs: number
    /** How much later than due the relay passed packets on. */
    readonly relayLateP50Us: number
    readonly relayLateP99Us: number
  }
  readonly comparisons: readonly Comparison[]
  readonly checks: readonly Check[]
}

/** The smallest value that at least this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted.at(Math.max(Math.ceil(share * sorted.length) - 1, 0))
  if (value === undefined) throw new RangeError('a quantile of nothing')
  return value
}

/** @param realUs durations in microseconds, as many as in `modelUs` */
export function compare(name: string, lossProbability: number, realUs: readonly number[], modelUs: readonly number[], dropped?: Comparison['dropped']): Comparison {
  if (realUs.length !== modelUs.length) throw new Error(`${name}: ${realUs.length} real samples and ${modelUs.length} of the model`)
  const [p50, p95, p99] = PERCENTILES.map((percentile): Compared => {
    const [realMs, modelMs] = [realUs, modelUs].map((values) => quantile(values, SHARES[percentile]) / 1_000)
    const ratio = modelMs / realMs
    return { realMs, modelMs, ratio, isMet: Math.abs(ratio - 1) <= GOALS[percentile] }
  })
  const lateUs = 2 * p50.realMs * 1_000
  const lateShare = (values: readonly number[]): number => values.filter((us) => us > lateUs).length / values.length
  return { name, lossProbability, samples: realUs.length, percentiles: { p50, p95, p99 }, late: { real: lateShare(realUs), model: lateShare(modelUs) }, dropped }
}

export const latenciesUs = (deliveries: readonly Delivery[]): readonly number[] => deliveries.map(([, sentUs, receivedUs]) => receivedUs - sentUs)

/** From a connection's first message to its first delivery. */
export function firstDeliveriesUs(deliveries: readonly Delivery[]): readonly number[] {
  const first = new Map<number, { sentUs: number; receivedUs: number }>()
  for (const [connection, sentUs, receivedUs] of deliveries) {
    const known = first.get(connection) ?? { sentUs, receivedUs }
    first.set(connection, { sentUs: Math.min(known.sentUs, sentUs), receivedUs: Math.min(known.receivedUs, receivedUs) })
  }
  return [...first.values()].map(({ sentUs, receivedUs }) => receivedUs - sentUs)
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

export function comparisonTable({ machine, wire, comparisons, checks }: TcpReport): string {
  const table = new Table({
    head: ['case', 'loss', 'samples', ...PERCENTILES.flatMap((name) => [`${name} kernel`, 'model', 'ratio', '']), 'late', 'dropped'],
    style: { head: [], border: [] }, colAligns: ['left', 'right', 'right', ...PERCENTILES.flatMap(() => ['right', 'right', 'right', 'left'] as const), 'right', 'right'],
  })
  for (const { name, lossProbability, samples, percentiles, late, dropped } of comparisons) {
    const cells = PERCENTILES.flatMap((percentile) => {
      const { realMs, modelMs, ratio, isMet } = percentiles[percentile]
      return [realMs.toFixed(1), modelMs.toFixed(1), ratio.toFixed(2), isMet ? 'met' : 'missed']
    })
    table.push([name, `${lossProbability * 100} %`, samples, ...cells, `${percent(late.real)} / ${percent(late.model)}`, dropped === undefined ? '' : `${dropped.real} / ${dropped.model}`])
  }
  const goals = PERCENTILES.map((name) => `${name} within ${GOALS[name] * 100} %`).join(', ')
  return [
    table.toString(),
    ...checks.map(({ name, isMet, found }) => `${isMet ? 'as modelled' : 'DIFFERENT  '}  ${name}: ${found}`),
    `Milliseconds; ratio: model to kernel; goals: ${goals}; late: above twice the kernel's median; dropped: packets, kernel / model.`,
    `Linux ${machine.kernel} with ${machine.congestion}, Node ${machine.node}, ws ${machine.ws}, ${machine.cores} cores. Delay ${wire.oneWayMs} ms one way, ${(wire.calibratedOneWayUs / 1_000).toFixed(2)} ms in the model (idle median without loss); the relay was ${(wire.relayLateP50Us / 1_000).toFixed(2)} ms late in the median, ${(wire.relayLateP99Us / 1_000).toFixed(2)} ms at the 99th percentile.`,
  ].join('\n')
}
