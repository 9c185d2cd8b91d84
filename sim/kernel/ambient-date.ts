/** The shim of `Date` (design D3): only what reads the clock changes; dates made from arguments stay as they are. */
import { ambientState } from './ambient-state.ts'
import { replaceMethod } from './ambient-shim.ts'
import { refuseOwnCode } from './own-code.ts'

export function shimDate(target: object): void {
  const real = Reflect.get(target, 'Date') as DateConstructor
  const nowOrNull = (shim: object): number | null => {
    if (ambientState.source === null) return null
    refuseOwnCode(shim, 'Date')
    return ambientState.source.nowMs()
  }
  // A function, not a class: `Date()` without `new` returns a text.
  function VirtualDate(...args: unknown[]): unknown {
    if (new.target === undefined) {
      const nowMs = nowOrNull(VirtualDate)
      return nowMs === null ? real() : new real(nowMs).toString()
    }
    if (args.length > 0) return Reflect.construct(real, args, new.target)
    const nowMs = nowOrNull(VirtualDate)
    return Reflect.construct(real, nowMs === null ? [] : [nowMs], new.target)
  }
  // Shares the prototype, so that dates of either constructor are instances of both.
  Object.setPrototypeOf(VirtualDate, Object.getPrototypeOf(real) as object)
  Object.defineProperties(VirtualDate, Object.getOwnPropertyDescriptors(real))
  replaceMethod(VirtualDate, 'now', 'Date.now', (source) => source.nowMs())
  Object.defineProperty(real.prototype, 'constructor', { configurable: true, writable: true, value: VirtualDate })
  Object.defineProperty(target, 'Date', { configurable: true, writable: true, value: VirtualDate })
}
