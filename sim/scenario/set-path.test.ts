import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { findScenario } from './catalogue/index.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPath, setPaths } from './set-path.ts'

const scenario = findScenario('order-desk')

describe('--set path=value', () => {
  it.each([
    ['client.invalidation=immediate', { client: { invalidation: 'immediate' } }],
    ['client.debounceMs=50', { client: { debounceMs: 50 } }],
    ['devices[0].link.latencyMs=300', { devices: [{ id: 'A', link: { latencyMs: 300, jitterMs: 30 } }, {}, {}] }],
    ['workload.ids=descending', { workload: { ids: 'descending' } }],
    ['workload.streams[0].editsPerMinute=3', { workload: { streams: [{ editsPerMinute: 3 }, {}, {}, {}, {}] } }],
    ['weather=[]', { weather: [] }],
    ['name=7', { name: '7' }],
    ['name="seven"', { name: 'seven' }],
    ['summary=a=b', { summary: 'a=b' }],
    ['workload.recorded=2024', { workload: { recorded: '2024' } }],
  ])('%s', (assignment, expected) => {
    expect(setPath(scenario, assignment)).toMatchObject(expected)
  })

  it('leaves the scenario it was given alone, and applies settings in order', () => {
    const before = structuredClone(scenario)
    const changed = setPaths(scenario, ['client.debounceMs=1', 'client.debounceMs=2', 'simulatedMs=200000'])
    expect(changed).toMatchObject({ client: { debounceMs: 2 }, simulatedMs: 200_000 })
    expect(scenario).toEqual(before)
    expect(setPaths(scenario, [])).toBe(scenario)
  })

  it('makes optional parts that are absent', () => {
    const changed = setPath(findScenario('burst-200'), 'devices[1].link.latencyMs=300')
    expect(changed.devices[1]).toMatchObject({ id: 'A', link: { latencyMs: 300 } })
    expect(setPath(findScenario('burst-200'), 'weather[0]={"type":"break","name":"r","count":1}').weather).toHaveLength(1)
  })

  it('B14: in the link that a device switches to a profile and a latency exclude each other too, and the devices keep theirs', () => {
    const to = (setting: string): readonly unknown[] => {
      const { weather, devices } = setPath(setPath(scenario, 'weather[0]={"type":"switch","name":"s","count":1,"link":{"latencyMs":5,"jitterMs":1}}'), setting)
      return ['link' in weather[0] ? weather[0].link : null, devices[0].link]
    }
    expect(to('weather[0].link.profile=wpt-lte')).toEqual([{ profile: 'wpt-lte' }, scenario.devices[0].link])
    expect(to('weather[0].link.latencyMs=90')).toEqual([{ latencyMs: 90, jitterMs: 1 }, scenario.devices[0].link])
  })

  it('A13: a network profile takes the place of what said a latency, for the scenario or for one device', () => {
    const everywhere = setPath(scenario, 'link.profile=wpt-3g')
    expect([everywhere.link, ...everywhere.devices.map(({ link }) => link)]).toEqual([{ profile: 'wpt-3g' }, undefined, undefined, undefined])
    expect(validateScenario(everywhere, 'x').link).toEqual({ profile: 'wpt-3g' })
    const one = setPath(scenario, 'devices[1].link.profile=wpt-2g')
    expect(one.devices.map(({ link }) => link?.profile)).toEqual([undefined, 'wpt-2g', undefined])
    expect(one.devices[1].link).toEqual({ profile: 'wpt-2g' })
    expect(setPath(one, 'link.profile=wpt-3g').devices[1].link).toEqual({ profile: 'wpt-2g' })
    expect(setPath(everywhere, 'link.latencyMs=7').link).toEqual({ latencyMs: 7 })
  })

  it('lets two settings pass through a state that contradicts itself', () => {
    const changed = setPaths(scenario, ['client.debounceMs=9000', 'client.maxWaitMs=10000'])
    expect(validateScenario(changed, 'x').client.maxWaitMs).toBe(10_000)
  })

  it.each([
    ['client.debounce=5', /^--set: client\.debounce: expected one of .*\(did you mean debounceMs\?\), got "debounce"$/],
    ['clinet.debounceMs=5', /^--set: clinet: expected one of .*\(did you mean client\?\)/],
    ['devices[7].id=Q', /^--set: devices\[7\]: expected an index from 0 to 2/],
    ['devices.0.id=Q', /^--set: devices\.0: expected an index in brackets, such as devices\[0\]/],
    ['client[0]=1', /^--set: client\[0\]: expected a name, not an index/],
    ['weather[0].type=break', undefined],
    ['workload.streams[0].keysPerBurst=1', /^--set: workload\.streams\[0\]\.keysPerBurst: expected one of kind, name, devices, document, fields/],
    ['__proto__.x=1', /^--set: __proto__: expected one of/],
    ['constructor=1', /^--set: constructor: expected one of/],
    ['simulatedMs', /^--set: expected path=value, such as .*, got "simulatedMs"$/],
    ['=5', /^--set: expected path=value/],
    ['a..b=5', /^--set: expected path=value/],
    ['link.latencyMs=-5', /^--set link\.latencyMs=-5: link\.latencyMs: expected a number, at least 0, got -5$/],
    ['link.latencyMs=fast', /^--set link\.latencyMs=fast: link\.latencyMs: expected a finite number, got "fast"$/],
    ['transport=scriptd', /did you mean scripted\?/],
  ])('%s is refused with one clear message', (assignment, message) => {
    if (message === undefined) {
      // The other keys of the first weather entry no longer fit its type.
      expect(() => setPath(scenario, assignment)).toThrow(BadInput)
      return
    }
    expect(() => setPath(scenario, assignment)).toThrow(message)
    expect(() => setPath(scenario, assignment)).toThrow(BadInput)
  })
})
