/** `npm run bench`: measures and prints a table, or one JSON document with `--json`. Progress goes to stderr. */
import { cpus } from 'node:os'
import { pathToFileURL } from 'node:url'
import Table from 'cli-table3'
import { kernelBench } from './kernel.ts'
import type { BenchReport, BenchResult } from './result.ts'

/** Measures everything. Takes about a minute. */
export async function measureAll(onRow: (name: string) => void = () => undefined): Promise<BenchReport> {
  const results = await kernelBench(onRow)
  const [cpu] = cpus()
  return {
    schema: 'syncstorm.bench/1',
    machine: { node: process.version, platform: `${process.platform} ${process.arch}`, cpu: cpu?.model ?? 'unknown', cores: cpus().length },
    results,
  }
}

/** A table with one line per peer. */
export function benchTable(report: BenchReport): string {
  const table = new Table({
    head: ['what', 'unit', 'ours', 'beside', 'theirs', 'ratio', 'goal', ''], style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'left', 'right', 'right', 'right', 'left'],
  })
  for (const result of report.results) table.push(...linesOf(result))
  const { node, platform, cpu, cores } = report.machine
  return `${table.toString()}\n${cpu}, ${cores} cores, ${platform}, Node ${node}. Medians of interleaved rounds; ratio: ours to theirs.\n`
}

function linesOf(result: BenchResult): string[][] {
  return result.peers.map((peer, at) => [
    at === 0 ? result.name : '', at === 0 ? result.unit : '', at === 0 ? result.median.toFixed(2) : '',
    peer.name, peer.median.toFixed(2), `${peer.ratio.toFixed(2)}x`, peer.goal ?? '',
    peer.goal === undefined ? '' : isGoalMet(peer.ratio, peer.goal) ? 'met' : 'missed',
  ])
}

function isGoalMet(ratio: number, goal: string): boolean {
  const [relation, bound] = goal.split(' ')
  return relation === '>=' ? ratio >= Number(bound) : ratio <= Number(bound)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const report = await measureAll((name) => { process.stderr.write(`${name} ...\n`) })
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(report)}\n` : benchTable(report))
}
