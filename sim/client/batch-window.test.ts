import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestResult } from '../contract.ts'
import type { StreamEnd } from '../network/transport.ts'
import { Kernel } from '../kernel/kernel.ts'
import { BatchWindow } from './batch-window.ts'

const WINDOW_US = 100

interface Bench { readonly kernel: Kernel; readonly window: BatchWindow; readonly end: StreamEnd; readonly sent: string[]; at(us: number, run: () => void): void }

/** A window over a stream that writes down what it is given, and when. */
function bench(flushUs = WINDOW_US): Bench {
  const kernel = new Kernel()
  const sent: string[] = []
  let cause = 'none'
  const window = new BatchWindow(flushUs, {
    timer: (delayUs, run) => {
      const timer = kernel.after(delayUs, run)
      return () => { kernel.cancel(timer) }
    },
    carry: (run) => {
      const carried = cause
      return () => {
        cause = carried
        run()
      }
    },
  })
  const end = window.stream({
    bufferedBytes: 7,
    send: (bytes, traffic) => { sent.push(`${kernel.nowUs} ${cause} ${traffic} ${bytes.join(',')}`) },
    close: (code) => { sent.push(`${kernel.nowUs} close ${code}`) },
  })
  return { kernel, window, end, sent, at: (us, run) => { kernel.at(us, () => { cause = `c${us}`; run() }) } }
}
const bytes = (value: number): Uint8Array => Uint8Array.of(value)

describe('the batch window (F10)', () => {
  it('F10: what is sent within the window of the first goes with it, in order, each as its own cause', () => {
    const { kernel, end, sent, at } = bench()
    for (const us of [0, 40, 99, 101, 300]) at(us, () => end.send(bytes(us % 256), 'data'))
    kernel.run()
    expect(sent).toEqual(['100 c0 data 0', '100 c40 data 40', '100 c99 data 99', '201 c101 data 101', '400 c300 data 44'])
  })

  it('F10: without a window nothing waits', () => {
    const { kernel, end, sent, at } = bench(0)
    at(5, () => end.send(bytes(1), 'data'))
    kernel.run()
    expect(sent).toEqual(['5 c5 data 1'])
  })

  it('F10: a control frame and a close take along what waits, ahead of them', () => {
    const { kernel, end, sent, at } = bench()
    at(0, () => end.send(bytes(1), 'data'))
    at(10, () => end.send(bytes(2), 'control'))
    at(20, () => end.send(bytes(3), 'data'))
    at(30, () => end.close(1000))
    kernel.run()
    expect(sent).toEqual(['10 c0 data 1', '10 c0 control 2', '30 c20 data 3', '30 close 1000'])
  })

  it('R7: bytes are copied when they are sent, and count as buffered while they wait', () => {
    const { kernel, end, sent, at } = bench()
    const own = Uint8Array.of(1, 2)
    at(0, () => {
      end.send(own, 'data')
      own[0] = 9
      expect(end.bufferedBytes).toBe(9)
    })
    kernel.run()
    expect(sent).toEqual(['100 c0 data 1,2'])
    expect(end.bufferedBytes).toBe(7)
  })

  it('R5: what waits when the process ends is never sent', () => {
    const { kernel, window, end, sent, at } = bench()
    at(0, () => end.send(bytes(1), 'data'))
    at(50, () => window.stop())
    kernel.run()
    expect(sent).toEqual([])
  })

  it('F10: durable requests wait; those that follow an answer do not, and one that is cancelled is never sent', () => {
    const { kernel, window, at } = bench()
    const sent: number[] = []
    const answer: ((result: RequestResult) => void)[] = []
    const send = window.durable((_request, _timeoutUs, done) => {
      sent.push(kernel.nowUs)
      answer.push(done)
      return () => undefined
    })
    const request = { method: 'POST', path: '/', document: 'd', body: bytes(0) } as const
    at(0, () => send(request, 1, () => { send(request, 1, () => undefined) }))
    at(150, () => answer[0]({ status: 200, body: bytes(0) }))
    at(200, () => { send(request, 1, () => undefined)() })
    at(250, () => send(request, 1, () => undefined))
    kernel.run()
    expect(sent).toEqual([100, 150, 350])
  })

  it('F10: when something is received, what waits goes, and so does the reply', () => {
    const { kernel, window, end, sent, at } = bench()
    at(0, () => end.send(bytes(1), 'data'))
    at(10, () => window.received(() => end.send(bytes(2), 'data')))
    at(20, () => end.send(bytes(3), 'data'))
    kernel.run()
    expect(sent).toEqual(['10 c0 data 1', '10 c0 data 2', '120 c20 data 3'])
  })

  it('F10: any other request goes at once and takes along what waits', () => {
    const { kernel, window, end, sent, at } = bench()
    const send = window.prompt(() => {
      sent.push(`${kernel.nowUs} request`)
      return () => undefined
    })
    at(0, () => end.send(bytes(1), 'data'))
    at(10, () => send({ method: 'GET', path: '/', document: 'd', body: bytes(0) }, 1, () => undefined))
    kernel.run()
    expect(sent).toEqual(['10 c0 data 1', '10 request'])
  })

  it('F10: nothing is late by more than the window, lost, doubled or out of order, whatever is sent when', () => {
    fc.assert(fc.property(fc.array(fc.record({ gapUs: fc.nat(150), isControl: fc.boolean() }), { maxLength: 40 }), (sendings) => {
      const { kernel, end, sent, at } = bench()
      let atUs = 0
      const times = sendings.map(({ gapUs, isControl }, index) => {
        atUs += gapUs
        at(atUs, () => end.send(bytes(index), isControl ? 'control' : 'data'))
        return atUs
      })
      kernel.run()
      expect(sent.map((line) => Number(line.split(' ').at(-1)))).toEqual(times.map((_, index) => index))
      sent.forEach((line, index) => {
        const lateUs = Number(line.split(' ')[0]) - times[index]
        expect(lateUs).toBeGreaterThanOrEqual(0)
        expect(lateUs).toBeLessThanOrEqual(sendings[index].isControl ? 0 : WINDOW_US)
      })
    }))
  })
})
