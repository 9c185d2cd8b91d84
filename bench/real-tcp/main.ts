/**
 * Compares the model of TCP with this machine's: the `ws` package between two network namespaces over a wire
 * that delays and drops packets, and the same in the simulation.
 *
 *     npm run build && sudo node dist/bench/real-tcp/main.js [--json] [--seed 1] [--congestion cubic]
 *
 * Takes about five minutes. Needs root, /dev/net/tun, ip, sysctl, python3 and ws; says so and ends well where
 * one is missing. Everything it makes is in namespaces of its own, which it removes.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release } from 'node:os'
import { BLACK_HOLE, LOSSES, ONE_WAY_MS, RESETS, STREAM_CASES } from './cases.ts'
import { compare, comparisonTable, firstDeliveriesUs, latenciesUs, quantile } from './comparison.ts'
import type { Check, Comparison, TcpReport } from './comparison.ts'
import { ModelCases } from './model.ts'
import type { ModelSetup } from './model.ts'
import { makeNamespaces, whatIsMissing } from './namespaces.ts'
import type { Namespaces } from './namespaces.ts'
import { RealCases } from './real.ts'
import type { RealBlackHole, RealStream } from './real.ts'
import { Wire } from './wire.ts'

/** The whole run; it takes about five minutes. */
const LIMIT_MS = 420_000

const progress = (what: string): void => { process.stderr.write(`${what} ...\n`) }

async function measure({ synLinearTimeouts }: Namespaces, wire: Wire, { seed, congestion }: { readonly seed: number; readonly congestion: string }): Promise<TcpReport> {
  await wire.relay({ seed, delayUs: ONE_WAY_MS * 1_000 })
  const real = new RealCases(wire)
  const streams: RealStream[][] = []
  for (const one of STREAM_CASES) {
    progress(`${one.name} at ${one.lossProbability * 100} %`)
    const rounds: RealStream[] = []
    while (rounds.length < one.rounds) rounds.push(await real.stream(one))
    streams.push(rounds)
  }
  const [[unharmed]] = streams
  const delayUs = Math.round(quantile(latenciesUs(unharmed.deliveries), 0.5))
  const setup: ModelSetup = { delayUs, seed, synLinearTimeouts }
  const comparisons: Comparison[] = STREAM_CASES.map(({ name, lossProbability }, index) => compareStreams(setup, name, lossProbability, streams[index]))
  for (const lossProbability of LOSSES) {
    progress(`connect at ${lossProbability * 100} %`)
    const opened = await real.connect(lossProbability)
    const realUs = opened.map(({ dialledUs, openedUs }) => openedUs - dialledUs)
    comparisons.push(compare('connect', lossProbability, realUs, new ModelCases(setup).connect(opened, lossProbability)))
  }
  progress('reset')
  comparisons.push(compare('reset', 0, await real.reset(), new ModelCases(setup).reset(RESETS)))
  progress('half-open')
  const hole = await real.blackHole()
  comparisons.push(compareHoles(setup, hole))
  const { relay } = unharmed
  return {
    schema: 'syncstorm.real-tcp/1',
    machine: { kernel: release(), node: process.version, ws: wsVersion(), congestion, cores: cpus().length },
    wire: { oneWayMs: ONE_WAY_MS, calibratedOneWayUs: delayUs, relayLateP50Us: relay.lateP50Us, relayLateP99Us: relay.lateP99Us },
    comparisons, checks: holeChecks(hole),
  }
}

function compareStreams(setup: ModelSetup, name: string, lossProbability: number, rounds: readonly RealStream[]): Comparison {
  const model = new ModelCases(setup)
  const modelUs = rounds.flatMap(({ opened, deliveries }) => latenciesUs(model.stream(opened, deliveries, lossProbability)))
  const realUs = rounds.flatMap(({ deliveries }) => latenciesUs(deliveries))
  const dropped = rounds.reduce((sum, { relay }) => sum + relay.dropped, 0)
  return compare(name, lossProbability, realUs, modelUs, { real: dropped, model: model.dropped })
}

/** Until the first message gets through, once the path is whole again. */
function compareHoles(setup: ModelSetup, { opened, deliveries }: RealBlackHole): Comparison {
  const inModel = new ModelCases(setup).stream(opened, deliveries, 0, BLACK_HOLE.durationMs * 1_000)
  return compare('after a black hole', 0, firstDeliveriesUs(deliveries), firstDeliveriesUs(inModel))
}

/** The model's sends that are refused throw, so that it takes all is checked by coming this far. */
function holeChecks({ taken, endedInside, deliveredInside, deliveries }: RealBlackHole): readonly Check[] {
  const { connections, gapMs, durationMs } = BLACK_HOLE
  const sent = connections * durationMs / gapMs
  return [
    { name: 'sends into a black hole succeed', isMet: taken === sent, found: `${taken} of ${sent} over ${durationMs / 1_000} s` },
    { name: 'nobody hears of it', isMet: endedInside === 0, found: `${endedInside} of ${connections} connections ended` },
    { name: 'nothing is delivered meanwhile, everything once it is over', isMet: deliveredInside === 0 && deliveries.length === sent, found: `${deliveredInside} and ${deliveries.length}` },
  ]
}

function wsVersion(): string {
  const path = createRequire(import.meta.url).resolve('ws/package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}

/** The word after an option. */
function optionOf(name: string, otherwise: string): string {
  const at = process.argv.indexOf(name)
  return (at < 0 ? undefined : process.argv.at(at + 1)) ?? otherwise
}

function seedOf(text: string): number {
  const seed = Number(text)
  if (!Number.isSafeInteger(seed)) throw new RangeError('--seed wants a whole number')
  return seed
}

async function main(): Promise<void> {
  const missing = whatIsMissing()
  if (missing !== null) {
    process.stdout.write(`Skipped: comparing with a real TCP needs ${missing}.\n`)
    return
  }
  const seed = seedOf(optionOf('--seed', '1'))
  const congestion = optionOf('--congestion', 'cubic') // what most systems have
  const namespaces = makeNamespaces()
  let wire: Wire | null = null
  const leave = (code: number): void => {
    wire?.close()
    namespaces.remove()
    process.exit(code)
  }
  process.once('SIGINT', () => leave(130))
  process.once('SIGTERM', () => leave(143))
  setTimeout(() => {
    process.stderr.write(`Gave up after ${LIMIT_MS / 1_000} s.\n`)
    leave(1)
  }, LIMIT_MS).unref()
  try {
    wire = await Wire.open(namespaces, congestion)
    const report = await measure(namespaces, wire, { seed, congestion })
    process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(report)}\n` : `${comparisonTable(report)}\n`)
  } finally {
    wire?.close()
    namespaces.remove()
  }
}

await main()
