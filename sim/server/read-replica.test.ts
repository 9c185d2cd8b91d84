import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReadReplica, type Read } from './read-replica.ts'

const LAG_US = 1_000
const reading = (version: number): Read => (_document, respond) => respond({ status: 200, body: new Uint8Array(0), version })

describe('ReadReplica (C07)', () => {
  it('answers what was current a lag ago, whatever was written when, and forgets what no lag reaches', () => {
    fc.assert(fc.property(fc.array(fc.nat(900), { maxLength: 60 }), fc.integer({ min: 1, max: LAG_US }), (gapsUs, lagUs) => {
      let nowUs = 0
      const replica = new ReadReplica(() => nowUs, LAG_US)
      const written: { readonly atUs: number; readonly version: number }[] = []
      const capture = (): void => {
        written.push({ atUs: nowUs, version: written.length })
        replica.capture('doc', reading(written.length - 1))
      }
      capture()
      for (const gapUs of gapsUs) {
        nowUs += gapUs
        capture()
        const then = written.findLast(({ atUs }) => atUs <= nowUs - lagUs) ?? written[0]
        const { answer, isOld } = replica.answer('doc', lagUs) ?? {}
        expect([answer?.version, isOld]).toEqual([then.version, then !== written.at(-1)])
      }
    }))
  })

  it('knows nothing of a document that the authority does not answer for', () => {
    const replica = new ReadReplica(() => 0, LAG_US)
    replica.capture('doc', (_document, respond) => respond({ status: 404, body: new Uint8Array(0) }))
    expect([replica.answer('doc', 1), replica.answer('other', 1)]).toEqual([null, null])
  })
})
