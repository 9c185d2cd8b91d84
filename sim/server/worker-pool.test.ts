import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'
import { WorkerPool } from './worker-pool.ts'

describe('WorkerPool (F08)', () => {
  it('keeps so many at work and so many waiting, serves in order, and refuses the rest, against a model', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 4 }), fc.array(fc.boolean(), { maxLength: 60 }), (workers, queueMax, script) => {
      const pool = new WorkerPool(workers, queueMax)
      const begun: number[] = []
      const atWork: { readonly name: number; readonly done: () => void }[] = []
      const model: number[] = []
      let [inWork, next] = [0, 0]
      for (const isArrival of script) {
        if (isArrival) {
          const name = next++
          const fits = inWork < workers || model.length - inWork < queueMax
          expect(pool.isFull).toBe(!fits)
          expect(pool.take((done) => {
            begun.push(name)
            atWork.push({ name, done })
          })).toBe(fits)
          if (fits) model.push(name)
        } else {
          const one = atWork.shift()
          one?.done()
          one?.done()
          if (one !== undefined) model.splice(model.indexOf(one.name), 1)
        }
        inWork = Math.min(workers, model.length)
        expect(atWork.map(({ name }) => name)).toEqual(model.slice(0, inWork))
      }
      pool.open()
      expect(atWork).toHaveLength(model.length)
      expect([...begun].sort((a, b) => a - b)).toEqual(begun)
    }))
  })
})

describe('TokenBucket (B03)', () => {
  it('admits within any stretch no more than its rate and one second\'s worth, and that much when there is demand', () => {
    fc.assert(fc.property(fc.constantFrom(0.2, 1, 2.5, 40), fc.array(fc.nat(400_000), { minLength: 1, maxLength: 200 }), (perSecond, gapsUs) => {
      const bucket = new TokenBucket(perSecond, 0)
      let nowUs = 0
      const admitted: number[] = []
      for (const gapUs of gapsUs) {
        nowUs += gapUs
        if (bucket.take(nowUs)) admitted.push(nowUs)
      }
      admitted.forEach((fromUs, first) => {
        for (let last = first; last < admitted.length; last++) {
          expect(last - first + 1).toBeLessThanOrEqual(Math.max(1, perSecond) + (admitted[last] - fromUs) / 1_000_000 * perSecond + 1e-6)
        }
      })
      expect(admitted[0]).toBe(gapsUs[0])
      let later = 0
      for (let atUs = nowUs + 60_000_000; bucket.take(atUs); atUs += 1) later++
      expect(later).toBe(Math.max(1, Math.floor(perSecond)))
    }), { numRuns: 50 })
  })
})
