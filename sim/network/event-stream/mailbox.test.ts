import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Mailbox } from './mailbox.ts'

describe('Mailbox (A09)', () => {
  it('keeps what has not left, and the newest of what has', () => {
    const mailbox = new Mailbox(2)
    for (let code = 1; code <= 5; code++) mailbox.append({ kind: 'close', code })
    expect(mailbox.after(0)).toHaveLength(5)
    mailbox.sent(4)
    expect([mailbox.after(1), mailbox.after(2)?.map(({ number }) => number), mailbox.after(5), mailbox.after(6)]).toEqual([null, [3, 4, 5], [], null])
  })

  it('is a list of which the beginning is cut off behind the window, whatever the order of what happens', () => {
    const step = fc.oneof(fc.constant('append' as const), fc.nat(12))
    fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), (window, steps) => {
      const mailbox = new Mailbox(window)
      let [last, sent] = [0, 0]
      for (const one of steps) {
        if (one === 'append') expect(mailbox.append({ kind: 'close', code: 0 }).number).toBe(++last)
        else {
          sent = Math.max(sent, Math.min(one, last))
          mailbox.sent(Math.min(one, last))
        }
        for (let number = 0; number <= last + 1; number++) {
          const expected = number > last || number < sent - window ? null : Array.from({ length: last - number }, (_, index) => number + index + 1)
          expect(mailbox.after(number)?.map((entry) => entry.number) ?? null).toEqual(expected)
        }
      }
    }))
  })
})
