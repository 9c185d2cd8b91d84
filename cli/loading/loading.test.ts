import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadInput } from '../../sim/bad-input.ts'
import { parseDurationMs } from './duration.ts'
import { loadScenario, type LoadedScenario, planFor } from './load-scenario.ts'
import { readJsonFile } from './read-json-file.ts'
import { campaignSeeds } from './seeds.ts'

let folder = ''
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'syncstorm-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('reading a JSON file', () => {
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }

  test('plain and gzip, told apart by content and not by name', () => {
    expect(readJsonFile(write('a.gz', '{"a":1}'), 'a plan')).toEqual({ a: 1 })
    expect(readJsonFile(write('b.json', gzipSync('{"a":2}')), 'a plan')).toEqual({ a: 2 })
  })

  test.each([
    ['empty', '', 'an empty file'],
    ['blank', ' \n', 'an empty file'],
    ['truncated', '{"schema": "syncstorm.plan/1", "devi', 'text that is not JSON'],
    ['binary', Uint8Array.of(0x89, 0x50, 0, 1, 2, 3), 'binary data'],
    ['not-utf8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22), 'binary data'],
    ['torn-gzip', gzipSync('{"a":1}'.repeat(100)).subarray(0, 20), 'damaged gzip data'],
    ['bomb', gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x20)), 'more than 64 MB once unpacked'],
  ])('%s: one line with the file, what was expected and what was there', (name, content, got) => {
    const file = write(name, content)
    const problem = failure(() => readJsonFile(file, 'a plan'))
    expect(problem.message).toContain(`${file}: expected a plan: a JSON file`)
    expect(problem.message).toContain(`got ${got}`)
    expect(problem.message).not.toMatch(/[\n\r]/)
  })

  test('a folder and a missing file', () => {
    expect(failure(() => readJsonFile(folder, 'a plan')).got).toBe('a directory')
    expect(failure(() => readJsonFile(join(folder, 'none'), 'a plan')).got).toBe('no such file')
    expect(failure(() => readJsonFile(join(folder, 'a.gz', 'none'), 'a plan')).got).toBe('no such file')
  })
})

describe('recorded links', () => {
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }
  const load = (...sets: readonly string[]): LoadedScenario => loadScenario('order-desk', sets, folder)

  test('are read plain and gzipped, each once, from where one is', () => {
    write('up.trace', '1\n5\n')
    write('down.trace.gz', gzipSync('2\n2\n9\n'))
    const loaded = load('link.recorded.up=up.trace', 'link.recorded.down=down.trace.gz', 'devices[0].link.recorded={"up":"up.trace","down":"up.trace"}')
    expect([...loaded.traces].map(([source, trace]) => [source, [...trace.opportunitiesUs]])).toEqual([['up.trace', [1000, 5000]], ['down.trace.gz', [2000, 2000, 9000]]])
    expect(planFor(loaded, '1').recordings).toEqual([{ source: 'up.trace', opportunities: '1 4' }, { source: 'down.trace.gz', opportunities: '2 0 7' }])
  })

  test('a path inside a scenario file is relative to that file', () => {
    mkdirSync(join(folder, 'inner'))
    write('inner/link.trace', '7\n')
    write('inner/shop.json', JSON.stringify({ ...load().scenario, link: { recorded: { up: 'link.trace', down: 'link.trace' } } }))
    expect(loadScenario('inner/shop.json', [], folder).traces.get('link.trace')?.opportunitiesUs).toEqual(Float64Array.of(7000))
  })

  test.each([
    ['bad.trace', '1\n2\nthree\n', /^bad\.trace: line 3: expected a whole number of milliseconds from 0 to 86400000, got "three"$/],
    ['back.trace', '5\n3\n', /^back\.trace: line 2: expected a time not before that of the line above, 5, got 3$/],
    ['empty.trace', '', /^empty\.trace: expected a recorded link: a mahimahi trace, one time in milliseconds per line \(plain or gzip, at most 64 MB\), got an empty file$/],
    ['missing.trace', undefined, /^missing\.trace: expected a recorded link.*got no such file$/],
    ['torn.trace', gzipSync('5\n'.repeat(500)).subarray(0, 15), /^torn\.trace: expected a recorded link.*got damaged gzip data/],
  ])('%s: one line with the file, the line, and what was expected', (name, content, message) => {
    if (content !== undefined) write(name, content)
    expect(failure(() => load(`link.recorded.up=${name}`, `link.recorded.down=${name}`)).message).toMatch(message)
  })
})

describe('seeds of a campaign', () => {
  test.each([
    [{}, 50, '1', '50'],
    [{ runs: '3' }, 3, '1', '3'],
    [{ seeds: '5..7' }, 3, '5', '7'],
    [{ seeds: '-2..1' }, 4, '-2', '1'],
    [{ seeds: '3,7,40..41,7' }, 4, '3', '41'],
    [{ seeds: 'tuesday' }, 1, 'tuesday', 'tuesday'],
  ])('%j', (options, length, first, last) => {
    const seeds = campaignSeeds(options)
    expect([seeds.length, seeds[0], seeds.at(-1)]).toEqual([length, first, last])
  })

  test.each([
    [{ seeds: '' }], [{ seeds: '7..3' }], [{ seeds: '1..x' }], [{ seeds: '1,,2' }], [{ seeds: '0..99999999' }],
    [{ runs: '0' }], [{ runs: '-1' }], [{ runs: '1.5' }], [{ runs: 'many' }], [{ runs: '1e9' }],
    [{ seeds: '1..2', runs: '2' }],
  ])('%j is refused with the flag named', (options) => {
    expect(failure(() => campaignSeeds(options)).message).toMatch(/^--(seeds|runs): expected /)
  })
})

describe('durations', () => {
  test.each([['15s', 15_000], ['5m', 300_000], ['1h', 3_600_000], ['0.5s', 500]])('%s', (text, durationMs) => {
    expect(parseDurationMs('--time', text)).toBe(durationMs)
  })

  test.each(['', '15', 's', '0s', '-1s', '1d', '1 h', '1e3s', '9999h'])('"%s" is refused', (text) => {
    expect(failure(() => parseDurationMs('--time', text)).message).toMatch(/^--time: expected a duration such as 15s/)
  })
})

function failure(run: () => unknown): BadInput {
  try {
    run()
  } catch (problem) {
    if (problem instanceof BadInput) return problem
    throw problem
  }
  throw new Error('nothing was thrown')
}
