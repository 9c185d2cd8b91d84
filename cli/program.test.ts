import { describe, expect, test } from 'vitest'
import { runProgram } from './program.ts'
import type { Sink } from './streams.ts'

async function call(...argv: readonly string[]) {
  const written = { out: '', err: '' }
  const sink = (name: keyof typeof written): Sink =>
    ({ isTerminal: false, columns: 80, colour: false, write: (text) => { written[name] += text } })
  const code = await runProgram(argv, {
    streams: { out: sink('out'), err: sink('err') }, self: 'syncstorm', workingFolder: '/nowhere', nowMs: () => 0,
  })
  return { code, ...written }
}

describe('usage', () => {
  test.each([[], ['run'], ['compare'], ['fuzz'], ['replay'], ['list']])('%s --help goes to stdout and ends with examples', async (...command) => {
    const { code, out, err } = await call(...command.filter((word) => typeof word === 'string'), '--help')
    expect([code, err]).toEqual([0, ''])
    const examples = out.slice(out.indexOf('Examples:')).trim().split('\n').slice(1)
    expect(examples.length).toBeGreaterThanOrEqual(2)
    expect(examples.length).toBeLessThanOrEqual(3)
    for (const line of examples) expect(line).toMatch(/^ {2}syncstorm/)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('--version', async () => {
    expect(await call('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test.each([
    [['comapre'], /unknown command 'comapre'.*compare/],
    [['run', '--sede', '1'], /unknown option '--sede'.*--seed/],
    [['run', 'order-desk', '--seed'], /--seed/],
    [['run', 'a', 'b'], /too many arguments/],
    [['list'], /missing required argument 'kind'/],
    [['list', 'stategies'], /expected one of .*did you mean strategies/],
    [['run', '--strategy', 'lww-sever'], /--strategy: expected one of .*did you mean lww-server/],
    [['run'], /--strategy: expected one of lww-server.*got nothing/],
    [['run', 'order-dask', '--strategy', 'crdt-yjs'], /did you mean order-desk/],
    [['run', 'order-desk', '--strategy', 'crdt-yjs', '--set', 'client.invalidaton=immediate'], /did you mean invalidation/],
    [['run', 'burst-200', '--strategy', 'ot-text'], /a strategy for the data types of burst-200 \(register\).*got ot-text/],
    [['run', 'order-desk', '--strategy', 'ot-text', '--set', 'transport=datagram'], /a strategy that bears datagrams, for transport datagram: crdt-yjs, got ot-text, which needs ordered streams/],
    [['compare', 'order-desk', '--strategies', 'ot-text,lww-server', '--set', 'transport=datagram'], /a strategy that bears datagrams, for transport datagram, got ot-text, lww-server/],
    [['run', 'order-desk', '--strategy', 'ot-text', '--set', 'transport=datagran'], /transport: expected .*datagram/],
    [['run', 'order-desk', '--strategy', 'crdt-yjs', '--seed', ''], /seed: expected an integer or a non-empty text/],
    [['run', '--plan', 'p.json', '--seed', '1', '--strategy', 'crdt-yjs'], /--plan: expected nothing that the plan already says, got --seed/],
    [['run', 'missing.json', '--strategy', 'crdt-yjs'], /missing\.json: expected a scenario.*no such file/],
    [['fuzz', '--strategy', 'crdt-yjs', '--property', 'no-lost-wirte'], /--property: expected .*did you mean no-lost-write/],
    [['fuzz', '--strategy', 'crdt-yjs', '--time', '5'], /--time: expected a duration such as 15s/],
    [['fuzz', '--strategy', 'crdt-yjs', '--seed', ' '], /--seed: expected an integer or a non-empty text/],
    [['fuzz', 'burst-200', '--strategy', 'ot-text'], /a strategy for the data types of burst-200/],
    [['replay'], /missing required argument 'counterexample'/],
    [['replay', 'none.json'], /none\.json: expected a counterexample: a JSON file.*no such file/],
    [['compare', '--strategies', 'lww-server,crdt-yjz'], /--strategies: expected .*did you mean crdt-yjs/],
    [['compare', 'burst-200', '--strategies', 'ot-text'], /--strategies: expected a strategy for .*burst-200/],
    [['compare', '--seeds', '9..1'], /--seeds: expected a range/],
    [['compare', '--runs', '0'], /--runs: expected a whole number from 1/],
    [['compare', '--workers', 'all'], /--workers: expected a whole number/],
    [['compare', '--format', 'junit'], /--format: expected json or markdown \(junit is not in this release\)/],
  ] as const)('%j: one line on stderr, exit 2', async (argv, message) => {
    const { code, out, err } = await call(...argv)
    expect(err).toMatch(message)
    expect(err).toMatch(/^syncstorm: [^\n]*\n$/)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('list', () => {
  test.each(['strategies', 'scenarios', 'transports', 'properties', 'faults', 'workloads', 'client-parts'])('%s: one line each, as many as in --json', async (kind) => {
    const [lines, json] = [await call('list', kind), await call('list', kind, '--json')]
    const { listDocumentSchema } = await import('../reports/documents/list-document.ts')
    const entries = listDocumentSchema.parse(JSON.parse(json.out))
    expect(lines.out.trim().split('\n').map((line) => line.split(' ')[0])).toEqual(entries.map(({ name }) => name))
    expect(entries.length).toBeGreaterThan(1)
    expect(entries.every(({ summary }) => summary.length > 5)).toBe(true)
    expect([lines.err, json.err, lines.code]).toEqual(['', '', 0])
  })

  test('strategies carry types, topology and claims; scenarios the requirements they cover', async () => {
    const [strategy] = JSON.parse((await call('list', 'strategies', '--json')).out)
    expect(strategy).toMatchObject({ name: 'lww-server', types: { register: expect.any(String) }, topology: ['server'], claims: expect.any(Array) })
    const [scenario] = JSON.parse((await call('list', 'scenarios', '--json')).out)
    expect(scenario).toMatchObject({ name: 'order-desk', covers: expect.arrayContaining(['D12']) })
  })

  test.each(['experiments', 'mutants'])('%s: none in this release, and stderr says so', async (kind) => {
    expect(await call('list', kind, '--json')).toEqual({ code: 0, out: '[]\n', err: `syncstorm: there are no ${kind} in this release\n` })
  })
})
