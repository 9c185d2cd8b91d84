/**
 * The built command line as users meet it: another process, real streams, real signals. Needs `dist/`,
 * which `npm test` builds first (and which the binary rebuilds by itself where it is stale).
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareDocumentSchema } from '../reports/documents/compare-document.ts'
import { counterexampleFileSchema } from '../reports/documents/counterexample-file.ts'
import { fuzzDocumentSchema } from '../reports/documents/fuzz-document.ts'
import { replayDocumentSchema } from '../reports/documents/replay-document.ts'
import { runDocumentSchema } from '../reports/documents/run-document.ts'
import { packageFile } from './package-folder.ts'

const MAIN = packageFile('dist', 'cli', 'main.js')
let folder = ''
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'syncstorm-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function syncstorm(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...argv], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

const quickRun = ['run', 'same-caret', '--strategy', 'crdt-yjs'] as const
const runDocument = (...argv: readonly string[]) => {
  const { code, out, err } = syncstorm(...quickRun, '--json', ...argv)
  expect([code, err]).toEqual([0, expect.stringContaining('saved')])
  return runDocumentSchema.parse(JSON.parse(out))
}

describe('run', () => {
  test('D1, D7: one digest in another process, in a worker and checked; another seed, another digest', () => {
    const { digest, seed } = runDocument('--seed', '42')
    expect(seed).toBe('42')
    expect(runDocument('--seed', '42', '--in-worker').digest).toBe(digest)
    expect(runDocument('--seed', '42', '--check').digest).toBe(digest)
    expect(runDocument('--seed', '43').digest).not.toBe(digest)
  })

  test('a saved plan replays to the same digest, plain and gzipped', () => {
    const { digest } = runDocument('--seed', 'tuesday', '--out', 'saved')
    const plan = join(folder, 'saved', 'runs', 'run-same-caret-crdt-yjs-tuesday.plan.json')
    const packed = join(folder, 'packed.json.gz')
    writeFileSync(packed, gzipSync(readFileSync(plan)))
    for (const file of [plan, packed]) {
      const { out } = syncstorm('run', '--plan', file, '--strategy', 'crdt-yjs', '--json')
      expect(runDocumentSchema.parse(JSON.parse(out)).digest).toBe(digest)
    }
  })

  test('a table for people, without control characters off a terminal', () => {
    const { code, out } = syncstorm(...quickRun)
    expect(code).toBe(0)
    expect(out).toMatch(/convergence text +✓ holds/)
    expect(out).not.toMatch(/\u001b/)
  })
})

describe('bad input: one line, exit 2, nothing written', () => {
  test.each([
    ['a wrong flag', ['run', '--sede', '1'], /^syncstorm: unknown option '--sede'.*--seed/],
    ['an unknown strategy', ['run', '--strategy', 'crdt-yjz'], /^syncstorm: --strategy: .*did you mean crdt-yjs/],
    ['a binary plan', ['run', '--strategy', 'crdt-yjs', '--plan', process.execPath], /^syncstorm: .*: expected a plan: a JSON file/],
  ])('%s', (_, argv, message) => {
    const { code, out, err } = syncstorm(...argv, '--out', 'never')
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect([code, out, existsSync(join(folder, 'never'))]).toEqual([2, '', false])
  })
})

describe('compare', () => {
  test('--json is one document, valid against its schema, paired over the seeds, the same with any number of workers', () => {
    const documents = ['1', '2'].map((workers) => {
      const { out } = syncstorm('compare', 'order-desk', '--runs', '3', '--workers', workers, '--json', '--out', `w${workers}`)
      return compareDocumentSchema.parse(JSON.parse(out))
    })
    expect(documents[1]).toEqual(documents[0])
    expect(documents[0]?.seeds).toEqual(['1', '2', '3'])
    expect(documents[0]?.strategies.map(({ name }) => name)).toEqual(['lww-server', 'version-reject', 'ot-text', 'crdt-yjs'])
    expect(JSON.parse(readFileSync(join(folder, 'w1', 'compare-order-desk.json'), 'utf8'))).toEqual(documents[0])
    expect(readdirSync(join(folder, 'w1'))).toEqual(['compare-order-desk.json', 'compare-order-desk.md'])
  })

  test('leaves out by name a strategy that has none of the data types', () => {
    const { err, out } = syncstorm('compare', 'burst-200', '--runs', '2', '--json')
    expect(err).toContain('ot-text is left out')
    expect(compareDocumentSchema.parse(JSON.parse(out)).strategies.map(({ name }) => name)).not.toContain('ot-text')
  })

  test('leaves out by name a strategy that needs streams, over datagrams', () => {
    const { err, out, code } = syncstorm('compare', 'order-desk', '--set', 'transport=datagram', '--runs', '2', '--json')
    for (const name of ['lww-server', 'version-reject', 'ot-text']) expect(err).toContain(`${name} is left out: it needs ordered streams, and transport datagram gives none`)
    expect(compareDocumentSchema.parse(JSON.parse(out)).strategies.map(({ name }) => name)).toEqual(['crdt-yjs'])
    expect([0, 3]).toContain(code)
  })

  test('Ctrl-C stops cleanly, says what was finished, keeps it, and exits 130', async () => {
    const child = spawn(process.execPath, [MAIN, 'compare', 'same-caret', '--runs', '100000', '--json', '--out', 'cut'], { cwd: folder })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    const finishedSome = /compare same-caret: [1-9]\d*\/100,000 seeds/
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const before = finishedSome.test(err)
      err += text
      if (!before && finishedSome.test(err)) child.kill('SIGINT')
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    const finished = compareDocumentSchema.parse(JSON.parse(out)).seeds.length
    expect(finished).toBeGreaterThan(0)
    expect(err).toContain(`interrupted; ${finished} of 100000 seeds were finished and are kept`)
    expect(code).toBe(130)
    expect(JSON.parse(readFileSync(join(folder, 'cut', 'compare-same-caret.json'), 'utf8')).seeds).toHaveLength(finished)
  }, 30_000)
})

describe('fuzz and replay', () => {
  test('F1, F2: finds a lost write, shrinks it to two devices and at most three edits; another process reproduces it', () => {
    const found = syncstorm('fuzz', 'order-desk', '--strategy', 'lww-server', '--property', 'no-lost-write', '--runs', '200', '--json')
    expect(found.code).toBe(1)
    const { counterexamples } = fuzzDocumentSchema.parse(JSON.parse(found.out))
    expect(counterexamples).toMatchObject([{ property: 'no-lost-write', devices: 2, minimal: 'proven' }])
    const [{ file, edits }] = counterexamples as [(typeof counterexamples)[number]]
    expect(edits).toBeLessThanOrEqual(3)
    expect(file).toMatch(/^reports\/out\/counterexamples\/no-lost-write-lww-server-[0-9a-f]{8}\.json$/)
    const content = counterexampleFileSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    expect(content.versions).toMatchObject({ syncstorm: expect.any(String) })

    const replayed = syncstorm('replay', file, '--json')
    expect([replayed.code, replayed.err]).toEqual([1, ''])
    const document = replayDocumentSchema.parse(JSON.parse(replayed.out))
    expect(document).toMatchObject({ reproduced: true, story: content.story, run: { digest: content.digest } })
  })

  test('a counterexample of another version of a library says so, and still runs', () => {
    const [name = ''] = readdirSync(join(folder, 'reports', 'out', 'counterexamples'))
    const content = JSON.parse(readFileSync(join(folder, 'reports', 'out', 'counterexamples', name), 'utf8'))
    writeFileSync(join(folder, 'old.json'), JSON.stringify({ ...content, versions: { ...content.versions, syncstorm: '0.0.1' }, digest: '0'.repeat(64) }))
    const { code, out, err } = syncstorm('replay', 'old.json')
    expect(code).toBe(1)
    expect(out).toContain('reproduced')
    expect(err).toMatch(/^syncstorm: syncstorm: 0\.0\.1 when it was found/m)
    expect(err).toMatch(/^syncstorm: the digest differs: 0000/m)
  })

  test('Ctrl-C ends a search, says how far it came, and exits 130', async () => {
    const child = spawn(process.execPath, [MAIN, 'fuzz', 'same-caret', '--strategy', 'ot-text', '--time', '1h', '--json'], { cwd: folder })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    let asked = false
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
      if (!asked && /: [1-9]\d* runs/.test(err)) asked = child.kill('SIGINT')
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, err]).toEqual([130, expect.stringMatching(/interrupted after \d+ runs/)])
    expect(fuzzDocumentSchema.parse(JSON.parse(out)).runs).toBeGreaterThan(0)
  }, 30_000)
})

describe('as a part of a pipe', () => {
  test('a reader that goes away ends the program quietly', async () => {
    const child = spawn(process.execPath, [MAIN, 'list', 'strategies', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, err]).toEqual([0, ''])
  })
})

test('the published schemas are part of the build', () => {
  expect(readdirSync(packageFile('dist', 'schemas')).sort()).toEqual([
    'bench.json', 'compare.json', 'counterexample.json', 'fuzz.json', 'list.json', 'plan.json', 'replay.json', 'run.json', 'scenario.json',
  ])
})
