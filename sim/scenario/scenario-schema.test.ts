import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { catalogue, findScenario, SCENARIO_NAMES } from './catalogue/index.ts'
import { type ScenarioInput, scenarioJsonSchema, scenarioSchema, validateScenario } from './scenario-schema.ts'

const base = {
  schema: 'syncstorm.scenario/1',
  name: 'shop',
  simulatedMs: 10_000,
  devices: [{ id: 'A' }, { id: 'B' }],
  documents: [{ id: 'order', fields: [{ name: 'price', type: 'register' }, { name: 'urgent', type: 'register' }, { name: 'note', type: 'text' }] }],
} as const satisfies ScenarioInput

const fields = { kind: 'fields', name: 'f', devices: ['A'], document: 'order', fields: ['price'], editsPerMinute: 6 } as const
const typing = { kind: 'typing', name: 't', devices: ['A'], document: 'order', field: 'note', burstsPerMinute: 6 } as const
const burst = { kind: 'burst', name: 'b', device: 'A', document: 'order', field: 'price', count: 10, everyMs: 10 } as const
const toggle = { kind: 'toggle', name: 'g', device: 'A', document: 'order', field: 'urgent', count: 4, everyMs: { min: 100, max: 200 } } as const
const drop = { type: 'offline', name: 'd', count: 1, durationMs: { min: 1, max: 2 } } as const

function streams(...list: readonly object[]): object {
  return { ...base, workload: { streams: list } }
}

function refusal(value: unknown): BadInput {
  try {
    validateScenario(value, 'shop.json')
  } catch (error) {
    if (error instanceof BadInput) return error
    throw error
  }
  throw new Error('the scenario was accepted')
}

describe('scenario schema', () => {
  it('fills in every default', () => {
    const scenario = validateScenario(base, 'shop.json')
    expect(scenario).toMatchObject({
      transport: 'websocket', servers: [{ id: 'server' }],
      client: { invalidation: 'debounced', debounceMs: 300, maxWaitMs: 5000, reconnect: { initialMs: 1000, multiplier: 2, capMs: 30_000, jitter: 0.1 } },
      strategy: { inFlight: 'one' }, workload: { streams: [], ids: 'ascending' }, weather: [],
    })
    expect(validateScenario(scenario, 'again')).toEqual(scenario)
  })

  it.each([
    ['nothing', undefined, 'shop.json: expected an object, got nothing'],
    ['an array', [], 'shop.json: expected an object, got []'],
    ['another schema', { ...base, schema: 'syncstorm.scenario/9' }, 'shop.json: schema: expected "syncstorm.scenario/1", got "syncstorm.scenario/9"'],
    ['negative latency', { ...base, link: { latencyMs: -5 } }, 'shop.json: link.latencyMs: expected a number, at least 0, got -5'],
    ['negative latency of a device', { ...base, devices: [{ id: 'A', link: { latencyMs: -1 } }] }, 'shop.json: devices[0].link.latencyMs: expected a number, at least 0, got -1'],
    ['NaN', { ...base, simulatedMs: Number.NaN }, 'shop.json: simulatedMs: expected a finite number, got NaN'],
    ['infinity', { ...base, simulatedMs: Infinity }, 'shop.json: simulatedMs: expected a finite number, got Infinity'],
    ['a probability of 1.2', streams({ ...typing, deleteShare: 1.2 }), 'shop.json: workload.streams[0].deleteShare: expected a number, at most 1, got 1.2'],
    ['jitter of 1.2', { ...base, client: { reconnect: { jitter: 1.2 } } }, 'shop.json: client.reconnect.jitter: expected a number, at most 1, got 1.2'],
    ['zero devices', { ...base, devices: [] }, 'shop.json: devices: expected at least 1 device, got []'],
    ['zero servers', { ...base, servers: [] }, 'shop.json: servers: expected at least 1 entry, got []'],
    ['two servers', { ...base, servers: [{ id: 's' }, { id: 'u' }] }, 'shop.json: servers: expected at most 1 entry, got [{"id":"s"},{"id":"u"}]'],
    ['an overlong text', { ...base, documents: [{ id: 'd', fields: [{ name: 'n', type: 'text', initial: '\u{20000}'.repeat(10_001) }] }] },
      /^shop\.json: documents\[0\]\.fields\[0\]\.initial: expected a text of at most 10000 code points, got ".{59}\.\.\.$/u],
    ['a lone surrogate', streams({ ...toggle, values: ['on', '\ud800'] }), /^shop\.json: workload\.streams\[0\]\.values\[1\]: expected a text without lone surrogates, got /],
    ['an unknown key', { ...base, devicez: [] }, /^shop\.json: devicez: expected one of schema, name, .*\(did you mean devices\?\), got unknown key "devicez"$/],
    ['an unknown key in a stream', streams({ ...fields, editPerMinute: 3 }), /^shop\.json: workload\.streams\[0\]\.editPerMinute: expected one of kind, .*\(did you mean editsPerMinute\?\)/],
    ['a wrong type', { ...base, client: { debounceMs: 'soon' } }, 'shop.json: client.debounceMs: expected a finite number, got "soon"'],
    ['a fraction of a device count', streams({ ...burst, count: 1.5 }), 'shop.json: workload.streams[0].count: expected a whole number, got 1.5'],
    ['an unknown choice', { ...base, transport: 'websockets' }, 'shop.json: transport: expected one of websocket, sse, long-poll, http, datagram, scripted (did you mean websocket?), got "websockets"'],
    ['an unknown kind of stream', streams({ ...fields, kind: 'typping' }), /^shop\.json: workload\.streams\[0\]\.kind: expected one of fields, typing, .*\(did you mean typing\?\), got "typping"$/],
    ['a bad name', { ...base, devices: [{ id: 'A B' }] }, 'shop.json: devices[0].id: expected a name of 1 to 40 letters, digits, - or _, beginning with a letter or digit, got "A B"'],
  ])('refuses %s', (_, value, message) => {
    if (typeof message === 'string') expect(refusal(value).message.split(' (and')[0]).toBe(message)
    else expect(refusal(value).message).toMatch(message)
  })

  it('A13: refuses a profile that there is none of, with the nearest, and one beside a latency', () => {
    expect(refusal({ ...base, link: { profile: 'wpt-3g-fsat' } }).message).toMatch(/^shop\.json: link\.profile: expected one of wpt-cable, .*\(did you mean wpt-3g-fast\?\), got "wpt-3g-fsat"$/)
    expect(refusal({ ...base, devices: [{ id: 'A', link: { profile: 'wpt-3g', jitterMs: 3 } }] }).message)
      .toBe('shop.json: devices[0].link.profile: expected either a profile or latencyMs and jitterMs, got "wpt-3g"')
  })

  it.each([
    ['duplicate device ids', { ...base, devices: [{ id: 'A' }, { id: 'A' }] }, 'devices[1].id'],
    ['a device called like the server', { ...base, devices: [{ id: 'server' }] }, 'servers[0].id'],
    ['duplicate documents', { ...base, documents: [base.documents[0], base.documents[0]] }, 'documents[1].id'],
    ['duplicate fields', { ...base, documents: [{ id: 'd', fields: [{ name: 'x', type: 'text' }, { name: 'x', type: 'text' }] }] }, 'documents[0].fields[1].name'],
    ['a text that begins as null', { ...base, documents: [{ id: 'd', fields: [{ name: 'x', type: 'text', initial: null }] }] }, 'documents[0].fields[0].initial'],
    ['maxWait below debounce', { ...base, client: { debounceMs: 500, maxWaitMs: 100 } }, 'client.maxWaitMs'],
    ['a cap below the first delay', { ...base, client: { reconnect: { initialMs: 500, capMs: 100 } } }, 'client.reconnect.capMs'],
    ['an event stream that is given up before its comment comes', { ...base, transport: 'sse', wire: { keepAliveMs: 45_000 } }, 'wire.livenessMs'],
    ['an event stream that is forgotten within one request', { ...base, transport: 'sse', wire: { sessionMs: 15_000 } }, 'wire.sessionMs'],
    ['a held stream that is forgotten within one request', { ...base, transport: 'long-poll', wire: { exchangeTimeoutMs: 60_000 } }, 'wire.sessionMs'],
    ['a polled stream that is forgotten between two polls', { ...base, transport: 'http', wire: { pollMs: 45_000 } }, 'wire.sessionMs'],
    ['service time upside down', { ...base, server: { serviceMs: { min: 5, max: 1 } } }, 'server.serviceMs.max'],
    ['fan-out upside down', { ...base, server: { fanOutMs: { min: 5, max: 1 } } }, 'server.fanOutMs.max'],
    ['scripted without a recording', { ...base, transport: 'scripted' }, 'workload.recorded'],
    ['a recording beside devices', { ...base, documents: [{ id: 'd', fields: [{ name: 'x', type: 'text' }] }], workload: { recorded: 'f.json' } }, 'devices'],
    ['a recording beside streams', { ...base, devices: [], documents: [{ id: 'd', fields: [{ name: 'x', type: 'text' }] }], workload: { recorded: 'f.json', streams: [{ ...typing, document: 'd', field: 'x' }] } }, 'workload.streams'],
    ['a recording on registers', { ...base, devices: [], workload: { recorded: 'f.json' } }, 'documents'],
    ['a recording on a text that is not empty', { ...base, devices: [], documents: [{ id: 'd', fields: [{ name: 'x', type: 'text', initial: 'hm' }] }], workload: { recorded: 'f.json' } }, 'documents[0].fields[0].initial'],
    ['weather under scripted', { ...base, devices: [], transport: 'scripted', documents: [{ id: 'd', fields: [{ name: 'x', type: 'text' }] }], workload: { recorded: 'f.json' }, weather: [drop] }, 'weather'],
    ['a stream on an unknown device', streams({ ...fields, devices: ['A', 'Z'] }), 'workload.streams[0].devices[1]'],
    ['a stream on an unknown document', streams({ ...fields, document: 'ordre' }), 'workload.streams[0].document'],
    ['a stream on an unknown field', streams({ ...fields, fields: ['price', 'prize'] }), 'workload.streams[0].fields[1]'],
    ['typing in a register', streams({ ...typing, field: 'price' }), 'workload.streams[0].field'],
    ['setting a text', streams({ ...fields, fields: ['note'] }), 'workload.streams[0].fields[0]'],
    ['two streams of one name', streams(fields, { ...burst, name: 'f' }), 'workload.streams[1].name'],
    ['a device twice in one stream', streams({ ...fields, devices: ['A', 'A'] }), 'workload.streams[0].devices[1]'],
    ['an admin who overrides himself', streams({ kind: 'override', name: 'o', device: 'A', editors: ['A'], document: 'order', field: 'price', count: 1 }), 'workload.streams[0].editors'],
    ['a window past the end', streams({ ...fields, untilMs: 10_001 }), 'workload.streams[0].untilMs'],
    ['an empty window', streams({ ...fields, fromMs: 500, untilMs: 500 }), 'workload.streams[0].fromMs'],
    ['burst jitter above the spacing', streams({ ...burst, jitterMs: 10 }), 'workload.streams[0].jitterMs'],
    ['a burst past the end', streams({ ...burst, count: 1001 }), 'workload.streams[0].count'],
    ['toggles past the end', streams({ ...toggle, count: 51 }), 'workload.streams[0].count'],
    ['toggle values that repeat', streams({ ...toggle, values: ['on', 'on'] }), 'workload.streams[0].values[1]'],
    ['a toggle on a field that others edit', streams({ ...fields, fields: ['urgent'] }, toggle), 'workload.streams[1].field'],
    ['keys upside down', streams({ ...typing, keysPerBurst: { min: 3, max: 2 } }), 'workload.streams[0].keysPerBurst.max'],
    ['one alphabet twice', streams({ ...typing, alphabet: 2 }, { ...typing, name: 'u', alphabet: 2 }), 'workload.streams[1].alphabet'],
    ['more text streams than alphabets', streams(...Array.from({ length: 9 }, (_, index) => ({ ...typing, name: `t${index}` }))), 'workload.streams[8].alphabet'],
    ['tokens that live too short', { ...base, server: { tokenLifeMs: 9_000 } }, 'server.tokenLifeMs'],
    ['tokens that live too short for a world to be quiet over sse', { ...base, transport: 'sse', server: { tokenLifeMs: 59_000 } }, 'server.tokenLifeMs'],
    ['weather on an unknown device', { ...base, weather: [{ ...drop, devices: ['Z'] }] }, 'weather[0].devices[0]'],
    ['weather with count and rate', { ...base, weather: [{ ...drop, perMinute: 1 }] }, 'weather[0]'],
    ['weather with neither', { ...base, weather: [{ type: 'break', name: 'd' }] }, 'weather[0]'],
    ['weather durations upside down', { ...base, weather: [{ ...drop, durationMs: { min: 2, max: 1 } }] }, 'weather[0].durationMs.max'],
    ['two kinds of weather of one name', { ...base, weather: [drop, drop] }, 'weather[1].name'],
  ])('refuses the contradiction: %s', (_, value, path) => {
    const error = refusal(value)
    expect(error.path).toBe(path)
    expect(error.message).toContain(`shop.json: ${path}: expected `)
  })

  it('counts the problems it does not show', () => {
    expect(refusal({ ...base, simulatedMs: -1, transport: 'x' }).others).toBe(1)
    expect(refusal({ ...base, devices: [{ id: 'A' }, { id: 'A' }], weather: [drop, drop] }).message).toMatch(/\(and 1 more problem\)$/)
  })

  it('publishes a JSON Schema that closes every object', () => {
    const text = JSON.stringify(scenarioJsonSchema())
    expect(scenarioJsonSchema()).toMatchObject({ $id: 'syncstorm.scenario/1', type: 'object', additionalProperties: false })
    expect(text.match(/"type":"object"/g)?.length).toBe(text.match(/"additionalProperties":false/g)?.length)
    expect(Object.keys(scenarioJsonSchema().properties ?? {})).toEqual(Object.keys(scenarioSchema.shape))
  })
})

describe('catalogue', () => {
  it.each(SCENARIO_NAMES)('%s is valid, says what it is and covers requirements by id', (name) => {
    const scenario = findScenario(name)
    const ready = name === 'recorded' ? { ...scenario, workload: { ...scenario.workload, recorded: 'session.json' } } : scenario
    expect(validateScenario(ready, name)).toEqual(ready)
    expect(scenario.summary).not.toBe('')
    expect(scenario.covers.length).toBeGreaterThan(0)
    for (const id of scenario.covers) expect(id).toMatch(/^[A-L]\d\d$/)
  })

  it('has distinct names, and suggests the nearest for a mistyped one', () => {
    expect(new Set(SCENARIO_NAMES).size).toBe(catalogue().length)
    expect(() => findScenario('order-dest')).toThrow(/did you mean order-desk\?/)
  })

  it('asks for the file of a recording', () => {
    expect(() => validateScenario(findScenario('recorded'), 'scenario recorded'))
      .toThrow(/^scenario recorded: workload\.recorded: expected the file of a recorded editing session/)
  })
})
