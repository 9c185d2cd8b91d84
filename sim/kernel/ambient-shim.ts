/** How a global function is replaced by one that asks the current host while a run is on (design D3). */
import { ambientState } from './ambient-state.ts'
import type { AmbientSource } from './ambient-state.ts'
import { refuseOwnCode } from './own-code.ts'

type AnyFunction = (...args: unknown[]) => unknown

/**
 * Replaces `object[name]`, if it is a function. The shim keeps the real one's own properties (its name, its
 * length, and what `util.promisify` looks for).
 * @param title how messages call it
 * @param virtual what it does during a run, for library code; `real` is bound to `object`
 */
export function replaceMethod(
  object: object, name: string, title: string,
  virtual: (source: AmbientSource, args: readonly unknown[], real: AnyFunction) => unknown,
): void {
  const found: unknown = Reflect.get(object, name)
  if (typeof found !== 'function') return
  const real: AnyFunction = (...args) => Reflect.apply(found, object, args) as unknown
  const shim: AnyFunction = (...args) => {
    const { source } = ambientState
    if (source === null) return real(...args)
    refuseOwnCode(shim, title)
    return virtual(source, args, real)
  }
  Object.defineProperties(shim, Object.getOwnPropertyDescriptors(found))
  Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value: shim })
}
