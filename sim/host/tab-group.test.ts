import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cancel } from '../contract.ts'
import { bytesOf } from '../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import type { Host } from './host.ts'
import { BETWEEN_TABS_US, type TabAccess, TabGroup } from './tab-group.ts'

interface Tab {
  readonly host: Host
  readonly access: TabAccess
  readonly heard: string[]
}

function makeTabs(count = 3): TestWorld & { readonly tabs: readonly Tab[]; readonly log: string[]; readonly group: TabGroup; join(host: Host): Tab; settle(): void } {
  const world = makeTestWorld({ ids: Array.from({ length: count }, (_, index) => `A-${index + 1}`) })
  const group = new TabGroup()
  const join = (host: Host): Tab => {
    const heard: string[] = []
    return { host, heard, access: group.join(host, (bytes) => heard.push(new TextDecoder().decode(bytes))) }
  }
  return { ...world, group, join, tabs: world.hosts.map(join), log: [], settle: () => world.until(world.kernel.nowUs + 10 * BETWEEN_TABS_US) }
}

describe('TabGroup: locks, after Web Locks', () => {
  it('one holder at a time, in the order of the requests, never inside the call; released by its holder', () => {
    const { tabs: [one, two, three], log, settle } = makeTabs()
    const releases: Cancel[] = []
    const ask = (tab: Tab): void => tab.access.lock('flush', (release) => {
      log.push(tab.host.id)
      releases.push(release)
    })
    ask(two)
    ask(one)
    ask(three)
    ask(two)
    expect(log).toEqual([])
    settle()
    expect(log).toEqual(['A-2'])
    releases[0]()
    releases[0]()
    settle()
    expect(log).toEqual(['A-2', 'A-1'])
    one.access.lock('other', () => log.push('other, at once'))
    settle()
    releases[1]()
    settle()
    releases[2]()
    settle()
    expect(log).toEqual(['A-2', 'A-1', 'other, at once', 'A-3', 'A-2'])
  })

  it('is free when its holder\'s process ends, and requests of a process end with it', () => {
    const { tabs: [one, two, three], log, settle } = makeTabs()
    for (const tab of [one, two, three]) tab.access.lock('leader', () => log.push(tab.host.id))
    settle()
    two.access.leave()
    one.access.leave()
    settle()
    expect(log).toEqual(['A-1', 'A-3'])
    // Granted, and gone before it learnt of it.
    const again = makeTabs(2)
    again.tabs[0].access.lock('leader', () => again.log.push('never'))
    again.tabs[1].access.lock('leader', () => again.log.push('second'))
    again.tabs[0].access.leave()
    again.settle()
    expect(again.log).toEqual(['second'])
  })

  it('a tab that sleeps keeps its lock, and one that is granted it asleep learns of it when it wakes', () => {
    const { tabs: [one, two], log, settle } = makeTabs()
    one.access.lock('leader', () => log.push('one'))
    settle()
    two.access.lock('leader', () => log.push('two'))
    one.host.suspend()
    two.host.suspend()
    settle()
    expect(log).toEqual(['one'])
    one.access.leave()
    settle()
    expect(log).toEqual(['one'])
    two.host.wake()
    expect(log).toEqual(['one', 'two'])
  })

  it('against a model: whatever is asked for, released and ended, each name has at most one holder and is served in order', () => {
    const step = fc.record({ kind: fc.constantFrom('lock', 'release', 'end'), tab: fc.nat(2), name: fc.constantFrom('a', 'b') })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = makeTabs()
      const tabs = [...world.tabs]
      const model = new Map<string, { readonly tab: Tab; readonly id: number }[]>([['a', []], ['b', []]])
      const granted: number[] = []
      const releases = new Map<number, Cancel>()
      steps.forEach(({ kind, tab: at, name }, id) => {
        const tab = tabs[at]
        const queue = model.get(name) ?? []
        if (kind === 'lock') {
          queue.push({ tab, id })
          tab.access.lock(name, (release) => {
            granted.push(id)
            releases.set(id, release)
          })
        } else if (kind === 'release') {
          const holder = queue.shift()
          if (holder !== undefined) releases.get(holder.id)?.()
        } else {
          tab.access.leave()
          for (const [key, requests] of model) model.set(key, requests.filter((request) => request.tab !== tab))
          tabs[at] = world.join(tab.host)
        }
        world.settle()
        for (const requests of model.values()) requests.forEach((request, place) => expect(granted.includes(request.id)).toBe(place === 0))
      })
    }), { seed: 5, numRuns: 200 })
  })
})

describe('TabGroup: messages, after BroadcastChannel', () => {
  it('reach all other tabs a moment later, in order, as copies, with what caused them', () => {
    const world = makeTabs()
    const [one, two, three] = world.tabs
    const bytes = bytesOf('x')
    const causes: (string | null)[] = []
    const fourth = world.group.join(three.host, () => causes.push(world.world.cause.current))
    world.world.cause.current = 'edit-1'
    one.access.broadcast(bytes)
    world.world.cause.current = null
    bytes[0] = 0
    two.access.broadcast(bytesOf('y'))
    expect([one.heard, two.heard, three.heard]).toEqual([[], [], []])
    world.settle()
    expect([one.heard, two.heard, three.heard]).toEqual([['y'], ['x'], ['x', 'y']])
    expect(causes).toEqual(['edit-1', null])
    fourth.leave()
  })

  it('do not reach a tab that stands still, and find one that falls asleep on the way when it wakes', () => {
    const { tabs: [one, two, three], settle } = makeTabs()
    two.host.suspend()
    one.access.broadcast(bytesOf('missed'))
    settle()
    three.access.broadcast(bytesOf('heard'))
    one.host.suspend()
    settle()
    expect(one.heard).toEqual([])
    one.host.wake()
    two.host.wake()
    settle()
    expect([one.heard, two.heard]).toEqual([['heard'], []])
  })

  it('are lost with the process they were meant for', () => {
    const { tabs: [one, two], join, settle } = makeTabs()
    one.access.broadcast(bytesOf('late'))
    two.access.leave()
    const next = join(two.host)
    settle()
    expect([two.heard, next.heard]).toEqual([[], []])
  })
})
