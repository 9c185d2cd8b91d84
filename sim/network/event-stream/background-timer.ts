/** A timer of a transport on a host: it keeps nobody from being quiet (H3), and what it does no edit has caused. */
import type { Cancel } from '../../contract.ts'
import type { Host } from '../../host/host.ts'

export function backgroundTimer(host: Host, delayUs: number, run: () => void): Cancel {
  const { cause } = host.world
  const outer = cause.current
  cause.current = null
  const cancel = host.timer(delayUs, run, true)
  cause.current = outer
  return cancel
}
