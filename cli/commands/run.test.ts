/** Single runs through the whole command line, in this process: seeds and files of every shape. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDocumentSchema } from '../../reports/documents/run-document.ts'
import { runProgram } from '../program.ts'
import type { Sink } from '../streams.ts'

let folder = ''
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'syncstorm-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function syncstorm(...argv: readonly string[]) {
  const written = { out: '', err: '' }
  const sink = (name: keyof typeof written): Sink =>
    ({ isTerminal: false, columns: 80, colour: false, write: (text) => { written[name] += text } })
  const code = await runProgram(argv, {
    streams: { out: sink('out'), err: sink('err') }, self: 'syncstorm', workingFolder: folder, nowMs: () => 0,
  })
  return { code, ...written }
}

const quickRun = ['run', 'same-caret', '--strategy', 'crdt-yjs'] as const
const savedPlan = (out: string): string => join(folder, out, 'runs', 'run-same-caret-crdt-yjs-1.plan.json')

test.each([
  ['42', '42'], ['+042', '42'], ['-7', '-7'], ['9999999999999999999999', '9999999999999999999999'], ['snö ☃', 'snö ☃'], ['a/../b', 'a/../b'],
])('seed %s', async (given, canonical) => {
  const { code, out } = await syncstorm(...quickRun, '--json', '--seed', given)
  expect(code).toBe(0)
  expect(runDocumentSchema.parse(JSON.parse(out)).seed).toBe(canonical)
})

describe('bad plan files: one line with file, path and expectation, exit 2, nothing written', () => {
  let plan: Record<string, unknown> & { devices: { link: Record<string, unknown> }[] }
  beforeAll(async () => {
    await syncstorm(...quickRun, '--out', 'good')
    plan = JSON.parse(readFileSync(savedPlan('good'), 'utf8'))
  })
  const changed = (change: (copy: typeof plan) => void): string => {
    const copy = structuredClone(plan)
    change(copy)
    return JSON.stringify(copy)
  }

  test.each<[string, () => string | Uint8Array, RegExp]>([
    ['truncated', () => JSON.stringify(plan).slice(0, 500), /expected a plan: a JSON file.*got text that is not JSON/],
    ['truncated gzip', () => gzipSync(JSON.stringify(plan)).subarray(0, 300), /damaged gzip data/],
    ['binary', () => Uint8Array.from({ length: 64 }, (_, index) => index), /got binary data/],
    ['empty', () => '', /got an empty file/],
    ['no plan at all', () => '[]', /expected an object, got \[\]/],
    ['wrong schema', () => changed((copy) => { copy['schema'] = 'syncstorm.plan/9' }), /schema: expected "syncstorm.plan\/1", got "syncstorm.plan\/9"/],
    ['negative latency', () => changed((copy) => { (copy.devices[0] ?? { link: {} }).link['up'] = { delay: { latencyUs: -1 } } }), /devices\[0\]\.link\.up\.delay\.latencyUs: expected .*, got -1/],
    ['impossible probability', () => changed((copy) => { Object.assign(copy['client'] as object, { reconnect: { initialUs: 1, multiplier: 2, capUs: 5, jitter: 1.2 } }) }), /client\.reconnect\.jitter: expected .*1.*, got 1\.2/],
    ['zero devices', () => changed((copy) => { copy.devices.length = 0 }), /devices: expected at least 1/],
    ['unknown key', () => changed((copy) => { copy['intentons'] = [] }), /did you mean intentions/],
  ])('%s', async (name, content, message) => {
    const file = `${name.replaceAll(' ', '-')}.json`
    writeFileSync(join(folder, file), content())
    const { code, out, err } = await syncstorm('run', '--plan', file, '--strategy', 'crdt-yjs', '--json', '--out', 'never')
    expect(err).toMatch(message)
    expect(err.startsWith(`syncstorm: ${file}: `)).toBe(true)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect([code, out]).toEqual([2, ''])
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  test.each([
    ['link.latencyMs=-5', /link\.latencyMs: expected .*at least 0.*got -5/],
    ['client.reconnect.jitter=1.2', /client\.reconnect\.jitter: expected .*got 1\.2/],
    ['devices=[]', /devices: expected/],
  ])('--set %s', async (set, message) => {
    const { code, err } = await syncstorm(...quickRun, '--set', set, '--out', 'never')
    expect(err).toMatch(message)
    expect([code, existsSync(join(folder, 'never'))]).toEqual([2, false])
  })
})
