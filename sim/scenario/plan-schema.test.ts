import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { planJsonSchema, planSchema, validatePlan } from './plan-schema.ts'
import type { Plan } from './plan.ts'
import { DEFAULT_WIRE } from './wire-config.ts'

const plan: Plan = {
  schema: 'syncstorm.plan/1', scenario: 'shop', seed: '1', durationUs: 1000,
  devices: [{ id: 'A', user: 'dana', link: { up: { delay: { latencyUs: 10 } }, down: { delay: { latencyUs: 10 } } }, clockOffsetUs: -5 }],
  servers: ['server'],
  documents: [{ id: 'order', fields: [{ name: 'price', type: 'register', initial: null }, { name: 'note', type: 'text', initial: '!' }] }],
  transport: 'websocket',
  wire: DEFAULT_WIRE,
  client: { requestTimeoutUs: 100, reconnect: { initialUs: 10, multiplier: 2, capUs: 50, jitter: 0.1 }, invalidation: 'debounced', debounceUs: 5, maxWaitUs: 9 },
  server: { serviceUs: [1, 2], fanOutUs: [1, 2], retainedFrames: 10 },
  strategy: { inFlight: 'one', ids: 'ascending' },
  intentions: [
    { id: 'i1', atUs: 10, device: 'A', document: 'order', field: 'price', action: { op: 'set', value: 'p' } },
    { id: 'i2', atUs: 20, device: 'A', document: 'order', field: 'note', action: { op: 'replace', place: { kind: 'after', intention: 'i0' }, remove: 1, insert: 'ab' } },
  ],
  faults: [{ id: 'f', type: 'offline', atUs: 5, untilUs: 6, devices: ['A'] }],
  distinctText: true,
  repeatedValues: ['order/price'],
}

const [set, splice] = plan.intentions
const [fault] = plan.faults
const scripted = { ...plan, transport: 'scripted', deliveries: [{ atUs: 11, from: 'A', to: 'server', through: 'i1' }] } as const

describe('plan schema', () => {
  it('accepts a plan and gives it back as it is', () => {
    expect(validatePlan(plan, 'plan.json')).toEqual(plan)
    expect(validatePlan(scripted, 'plan.json')).toEqual(scripted)
  })

  it('R5, R6: accepts faults on devices and servers, and clocks that drift', () => {
    const base = { id: 'f', atUs: 5, untilUs: 6, devices: ['A', 'server'] }
    const faults: Plan['faults'] = [
      { ...base, type: 'crash' }, { ...base, id: 'g', type: 'quota' }, { ...base, id: 'h', type: 'skew', byUs: -7 },
      { ...base, id: 'i', type: 'drift', ppm: 12.5 }, { ...base, id: 'j', type: 'suspend', devices: ['A'] },
    ]
    const full = { ...plan, faults, devices: plan.devices.map((device) => ({ ...device, clockDriftPpm: -80 })) }
    expect(validatePlan(full, 'plan.json')).toEqual(full)
  })

  it('K01, B14: accepts the faults of paths, one-way or of the server, and a switch with its link', () => {
    const base = { atUs: 5, untilUs: 6, devices: ['server'] }
    const faults: Plan['faults'] = [
      { ...base, id: 'f', type: 'partition', direction: 'up' }, { ...base, id: 'g', type: 'clog', direction: 'down' }, { ...base, id: 'h', type: 'black-hole' },
      { ...base, id: 'i', type: 'switch', untilUs: 5, devices: ['A'], link: plan.devices[0].link }, { ...base, id: 'j', type: 'dns-failure', devices: ['A'] },
    ]
    expect(validatePlan({ ...plan, faults }, 'plan.json').faults).toEqual(faults)
  })

  it('accepts a place that names an intention which is not there any more: shrinking takes intentions out', () => {
    expect(validatePlan({ ...plan, intentions: [splice] }, 'plan.json').intentions).toHaveLength(1)
  })

  it.each<[string, unknown, string]>([
    ['a text', 'plan', 'plan.json: expected an object, got "plan"'],
    ['null', null, 'plan.json: expected an object, got null'],
    ['another schema', { ...plan, schema: 'syncstorm.scenario/1' }, 'plan.json: schema: expected "syncstorm.plan/1"'],
    ['an unknown key', { ...plan, intention: [] }, 'plan.json: intention: expected one of '],
    ['no devices', { ...plan, devices: [] }, 'plan.json: devices: expected at least 1 entry, got []'],
    ['negative latency', { ...plan, devices: [{ ...plan.devices[0], link: { ...plan.devices[0].link, up: { delay: { latencyUs: -1 } } } }] }, 'plan.json: devices[0].link.up.delay.latencyUs: expected a number, at least 0, got -1'],
    ['a fraction of a microsecond', { ...plan, durationUs: 10.5 }, 'plan.json: durationUs: expected a whole number, got 10.5'],
    ['more than 24 hours', { ...plan, durationUs: 86_400_000_001 }, 'plan.json: durationUs: expected a number, at most 86400000000, got 86400000001'],
    ['a probability of 1.2', { ...plan, client: { ...plan.client, reconnect: { ...plan.client.reconnect, jitter: 1.2 } } }, 'plan.json: client.reconnect.jitter: expected a number, at most 1, got 1.2'],
    ['an overlong value', { ...plan, intentions: [{ ...set, action: { op: 'set', value: 'x'.repeat(10_001) } }] }, 'plan.json: intentions[0].action.value: expected a text of at most 10000 code points'],
    ['an unknown op', { ...plan, intentions: [{ ...set, action: { op: 'put', value: 'x' } }] }, 'plan.json: intentions[0].action.op: expected one of set, replace'],
    ['an unknown place', { ...plan, intentions: [{ ...splice, action: { op: 'replace', place: { kind: 'middle' }, remove: 0, insert: '' } }] }, 'plan.json: intentions[0].action.place.kind: expected one of start, end, at, after, of'],
    ['duplicate devices', { ...plan, devices: [plan.devices[0], plan.devices[0]] }, 'plan.json: devices[1].id: expected an unused device id'],
    ['duplicate intentions', { ...plan, intentions: [set, set] }, 'plan.json: intentions[1].id: expected an unused intention id, got "i1"'],
    ['duplicate faults', { ...plan, faults: [fault, fault] }, 'plan.json: faults[1].id: expected an unused fault id'],
    ['an unknown device', { ...plan, intentions: [{ ...set, device: 'B' }] }, 'plan.json: intentions[0].device: expected one of A'],
    ['an unknown document', { ...plan, intentions: [{ ...set, document: 'ordre' }] }, 'plan.json: intentions[0].document: expected one of order (did you mean order?), got "ordre"'],
    ['an unknown field', { ...plan, intentions: [{ ...set, field: 'prize' }] }, 'plan.json: intentions[0].field: expected one of price, note (did you mean price?), got "prize"'],
    ['setting a text', { ...plan, intentions: [{ ...set, field: 'note' }] }, 'plan.json: intentions[0].action.op: expected "replace" (the field is a text), got "set" on a text'],
    ['splicing a register', { ...plan, intentions: [{ ...splice, field: 'price' }] }, 'plan.json: intentions[0].action.op: expected "set" (the field is a register)'],
    ['intentions out of order', { ...plan, intentions: [splice, set] }, 'plan.json: intentions[1].atUs: expected at least 20 (time order), got 10'],
    ['an intention after the end', { ...plan, intentions: [{ ...set, atUs: 1001 }] }, 'plan.json: intentions[0].atUs: expected at most durationUs (1000), got 1001'],
    ['a fault that ends before it begins', { ...plan, faults: [{ ...fault, untilUs: 4 }] }, 'plan.json: faults[0].untilUs: expected at least atUs (5), got 4'],
    ['a fault that outlives the plan', { ...plan, faults: [{ ...fault, untilUs: 1001 }] }, 'plan.json: faults[0].untilUs: expected at most durationUs (1000), got 1001'],
    ['a break that takes time', { ...plan, faults: [{ ...fault, type: 'break' }] }, 'plan.json: faults[0].untilUs: expected atUs (5): a break takes no time, got 6'],
    ['a step that takes time', { ...plan, faults: [{ ...fault, type: 'step', byUs: 1 }] }, 'plan.json: faults[0].untilUs: expected atUs (5): a step takes no time, got 6'],
    ['a step without its size', { ...plan, faults: [{ ...fault, type: 'step', untilUs: 5 }] }, 'plan.json: faults[0].byUs: '],
    ['a break of one direction', { ...plan, faults: [{ ...fault, type: 'break', untilUs: 5, direction: 'up' }] }, 'plan.json: faults[0].direction: '],
    ['a switch without a link', { ...plan, faults: [{ ...fault, type: 'switch', untilUs: 5 }] }, 'plan.json: faults[0].link: '],
    ['a switch to an impossible link', { ...plan, faults: [{ ...fault, type: 'switch', untilUs: 5, link: { up: { delay: { latencyUs: 1 }, loss: { model: 'four-state', p13: 0.9, p31: 0.1, p32: 0.1, p23: 0.1, p14: 0.2 } }, down: { delay: { latencyUs: 1 } } } }] }, 'plan.json: faults[0].link.up.loss.p14: '],
    ['a reset that takes time', { ...plan, faults: [{ ...fault, type: 'reset' }] }, 'plan.json: faults[0].untilUs: expected atUs (5): a reset takes no time, got 6'],
    ['a server without names', { ...plan, faults: [{ ...fault, type: 'dns-failure', devices: ['server'] }] }, 'plan.json: faults[0].devices[0]: expected one of A'],
    ['a server that sleeps', { ...plan, faults: [{ ...fault, type: 'suspend', devices: ['server'] }] }, 'plan.json: faults[0].devices[0]: expected one of A'],
    ['a failover of a device', { ...plan, faults: [{ ...fault, type: 'failover', byUs: 0 }] }, 'plan.json: faults[0].devices[0]: expected one of server'],
    ['a limit on the server\'s own requests', { ...plan, faults: [{ ...fault, type: 'rate-limit', perSecond: 1, devices: ['server'] }] }, 'plan.json: faults[0].devices[0]: expected one of A'],
    ['a Retry-After of half a second', { ...plan, faults: [{ ...fault, type: 'rate-limit', perSecond: 1, retryAfterUs: 500_000 }] }, 'plan.json: faults[0].retryAfterUs: '],
    ['a status that is no error', { ...plan, faults: [{ ...fault, type: 'server-error', status: 200, executes: true }] }, 'plan.json: faults[0].status: '],
    ['a moment on the wrong host', { ...plan, faults: [{ ...fault, when: { event: 'request-executed', host: 'A', nth: 1 } }] }, 'plan.json: faults[0].when.host: expected one of server'],
    ['a moment that is none', { ...plan, faults: [{ ...fault, when: { event: 'edit', host: 'A', nth: 0 } }] }, 'plan.json: faults[0].when.nth: '],
    ['tokens that live too short', { ...plan, server: { ...plan.server, tokenLifeUs: 9_999_999 } }, 'plan.json: server.tokenLifeUs: expected at least 10000000: 10 s for each device, over websocket, got 9999999'],
    ['a fault on an unknown device', { ...plan, faults: [{ ...fault, devices: ['Q'] }] }, 'plan.json: faults[0].devices[0]: expected one of A'],
    ['maxWait below debounce', { ...plan, client: { ...plan.client, maxWaitUs: 4 } }, 'plan.json: client.maxWaitUs: expected at least debounceUs (5), got 4'],
    ['service time upside down', { ...plan, server: { ...plan.server, serviceUs: [3, 2] } }, 'plan.json: server.serviceUs[1]: expected at least 3, got 2'],
    ['a repeated character', { ...plan, intentions: [{ ...splice, action: { op: 'replace', place: { kind: 'end' }, remove: 0, insert: 'aa' } }] }, 'plan.json: intentions[0].action.insert: expected characters that occur nowhere else'],
    ['a character of the initial text', { ...plan, intentions: [{ ...splice, action: { op: 'replace', place: { kind: 'end' }, remove: 0, insert: '!' } }] }, 'plan.json: intentions[0].action.insert: expected characters that occur nowhere else'],
    ['deliveries on a websocket', { ...scripted, transport: 'websocket' }, 'plan.json: deliveries: expected none unless transport is "scripted"'],
    ['scripted without deliveries', { ...plan, transport: 'scripted' }, 'plan.json: deliveries: expected deliveries, for transport "scripted", got nothing'],
    ['a delivery from device to device', { ...scripted, deliveries: [{ atUs: 1, from: 'A', to: 'A', through: 'i1' }] }, 'plan.json: deliveries[0]: expected a way between a device and a server of this plan, got A -> A'],
    ['a delivery through nothing', { ...scripted, deliveries: [{ atUs: 1, from: 'A', to: 'server', through: 'i9' }] }, 'plan.json: deliveries[0].through: expected the id of an intention of this plan'],
    ['an end content of a register', { ...plan, endContent: { document: 'order', field: 'price', text: 'x' } }, 'plan.json: endContent.field: expected a text field of this plan'],
    ['repeating values of a text', { ...plan, repeatedValues: ['order/note'] }, 'plan.json: repeatedValues[0]: expected a register field of this plan'],
  ])('refuses %s', (_, value, message) => {
    let refused: unknown
    try {
      validatePlan(value, 'plan.json')
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(BadInput)
    expect(refused instanceof BadInput ? refused.message : '').toContain(message)
  })

  it('publishes a JSON Schema that closes every object', () => {
    const text = JSON.stringify(planJsonSchema())
    expect(planJsonSchema()).toMatchObject({ $id: 'syncstorm.plan/1', additionalProperties: false })
    expect(text.match(/"type":"object"/g)?.length).toBe(text.match(/"additionalProperties":false/g)?.length)
    expect(Object.keys(planJsonSchema().properties ?? {})).toEqual(Object.keys(planSchema.shape))
  })
})
