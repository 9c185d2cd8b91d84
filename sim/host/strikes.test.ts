import { describe, expect, it } from 'vitest'
import { Recorder } from '../history/recorder.ts'
import { Kernel } from '../kernel/kernel.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { TraceDigest } from '../kernel/trace-digest.ts'
import { MOMENTS, type Fault, type Moment } from '../scenario/plan.ts'
import { Strikes } from './strikes.ts'

const END_US = 1_000

function makeStrikes() {
  const kernel = new Kernel()
  const recorder = new Recorder(new TraceDigest(new Sha256()), ['A', 'server'])
  const strikes = new Strikes(kernel, recorder, END_US)
  const log: string[] = []
  const note = (what: string): void => { log.push(`${what} @${kernel.nowUs}`) }
  const schedule = (event: Moment | null, nth = 1, id = 'f', host = 'A'): void => {
    const fault: Fault = { id, type: 'partition', devices: ['A'], atUs: 100, untilUs: 150, ...(event === null ? {} : { when: { event, host, nth } }) }
    strikes.schedule(fault, () => note(`${id} begins`), () => note(`${id} ends`))
  }
  return { kernel, recorder, strikes, log, note, schedule, missed: () => recorder.events.filter((event) => event.kind === 'fault' && event.phase === 'missed') }
}

describe('Strikes (D5)', () => {
  it('a fault without `when` begins and ends at its times', () => {
    const { kernel, log, schedule, strikes } = makeStrikes()
    schedule(null)
    kernel.at(120, () => expect(strikes.reached('edit', 'A')).toBe(false))
    kernel.run()
    expect(log).toEqual(['f begins @100', 'f ends @150'])
  })

  it('strikes at the nth moment after it was armed, behind the handler and before everything else of that time, and lasts as long as planned', () => {
    const { kernel, log, note, schedule, strikes, missed } = makeStrikes()
    schedule('write-unsynced', 2)
    const reached = (): void => {
      note(`handler ${strikes.reached('write-unsynced', 'A')}`)
      note('rest of the handler')
    }
    for (const atUs of [50, 200, 300, 400]) kernel.at(atUs, reached)
    kernel.at(300, () => note('another event'))
    kernel.at(250, () => strikes.reached('write-unsynced', 'server'))
    kernel.at(260, () => strikes.reached('frame-sent', 'A'))
    kernel.run()
    expect(log).toEqual([
      'handler false @50', 'rest of the handler @50', 'handler false @200', 'rest of the handler @200',
      'handler true @300', 'rest of the handler @300', 'f begins @300', 'another event @300', 'f ends @350',
      'handler false @400', 'rest of the handler @400',
    ])
    expect(missed()).toEqual([])
  })

  it('several that wait for one moment strike in the order of the plan; none lasts beyond the duration', () => {
    const { kernel, log, schedule, strikes } = makeStrikes()
    for (const id of ['f', 'g']) schedule('request-executed', 1, id, 'server')
    kernel.at(980, () => strikes.reached('request-executed', 'server'))
    kernel.run()
    expect(log).toEqual(['f begins @980', 'g begins @980', 'f ends @1000', 'g ends @1000'])
  })

  it('one whose moment never comes is told of as missed, with no hit, when the world heals', () => {
    const { kernel, log, schedule, strikes, missed } = makeStrikes()
    schedule('handshake', 2)
    kernel.at(500, () => strikes.reached('handshake', 'A'))
    kernel.at(1_500, () => expect(strikes.reached('handshake', 'A')).toBe(false))
    kernel.run()
    expect([log, missed()]).toEqual([[], [{ kind: 'fault', atUs: END_US, fault: 'f', type: 'partition', devices: ['A'], phase: 'missed', hit: 0 }]])
  })

  it('hears of the moments that the history tells, and of each only on its host', () => {
    const struck: string[] = []
    for (const event of MOMENTS) {
      for (const host of ['A', 'server']) {
        const { kernel, recorder, log, schedule } = makeStrikes()
        schedule(event, 1, 'f', host)
        kernel.at(200, () => {
          const frame = { kind: 'frame', atUs: 200, frame: 1, state: 'sent', bytes: 1, cause: null } as const
          recorder.record({ ...frame, from: 'A', to: 'server', traffic: 'data' })
          recorder.record({ ...frame, from: 'A', to: 'server', traffic: 'request' })
          recorder.record({ ...frame, from: 'server', to: 'A', traffic: 'response' })
          recorder.record({ kind: 'connection', atUs: 200, device: 'A', state: 'connecting' })
          recorder.record({ kind: 'connection', atUs: 200, device: 'A', state: 'open' })
          recorder.record({ kind: 'edit', atUs: 200, edit: 'e', device: 'A', incarnation: 1, document: 'doc', field: 'price', type: 'register', change: { op: 'set', value: 'x' } })
        })
        kernel.run()
        if (log.length > 0) struck.push(`${event} ${host}`)
      }
    }
    expect(struck).toEqual(['edit A', 'answer-sent server', 'frame-sent A', 'handshake A', 'stream-opened A'])
  })
})
