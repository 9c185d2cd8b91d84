/** Problems of scenarios and plans as values, and the few rules that both are checked by. */
import { type BadInputProblem, showValue } from '../bad-input.ts'
import type { TransportName } from '../contract.ts'
import { type JsonPath, renderPath } from './json-path.ts'
import { expectedName } from './nearest-name.ts'
import { type BlockableTransport, type Blocking, letsThrough, type ProxyPolicy, STREAM_TRANSPORTS, type StreamTransport } from './proxy-policy.ts'

/** A problem whose source is not known yet. */
export type InputProblem = Omit<BadInputProblem, 'where' | 'others'>

/** A problem at a path. */
export function problem(code: InputProblem['code'], path: JsonPath, expected: string, got: string): InputProblem {
  return { code, path: renderPath(path), expected, got }
}

/** One problem per value that occurs before. */
export function repeated(values: readonly string[], path: (index: number) => JsonPath, what: string): readonly InputProblem[] {
  const seen = new Set<string>()
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [problem('contradiction', path(index), `an unused ${what}`, showValue(value))]
    seen.add(value)
    return []
  })
}

/** The problem that a name refers to nothing, if so. */
export function unknownName(value: string, known: readonly string[], path: JsonPath): readonly InputProblem[] {
  return known.includes(value) ? [] : [problem('unknown-name', path, expectedName(value, known), showValue(value))]
}

/** Problems of a chain of transports to fall back to. `path` is the list's. */
export function fallbackProblems(transport: TransportName, to: readonly StreamTransport[], path: JsonPath): readonly InputProblem[] {
  if (to.length > 0 && !STREAM_TRANSPORTS.some((one) => one === transport)) {
    return [problem('contradiction', path, `none: transport "${transport}" is fallen back from by nothing`, showValue(to))]
  }
  return repeated([transport, ...to], (index) => [...path, index - 1], 'transport')
}

/** The problem that a proxy leaves a device nothing to connect with, if so. */
export function proxyProblems(policy: ProxyPolicy | undefined, chain: readonly TransportName[], path: JsonPath): readonly InputProblem[] {
  return letsThrough(policy, chain) ? []
    : [problem('contradiction', path, `one of ${chain.join(', ')} left to connect with (client.fallback.to names more)`, showValue(policy))]
}

/**
 * The problems of a proxy that a device comes to when it changes its network. A stream of exchanges is resumed there, and gives up
 * only what is refused: kept waiting, it would wait without end.
 */
export function arrivalProblems(policy: ProxyPolicy | undefined, chain: readonly TransportName[], path: JsonPath): readonly InputProblem[] {
  return [
    ...proxyProblems(policy, chain, path),
    ...(['sse', 'long-poll'] as const).flatMap((transport) => {
      const how = policy?.[transport]
      return how === undefined || how === 'refuse' || !chain.includes(transport) ? []
        : [problem('contradiction', [...path, transport], '"refuse" or nothing (a stream that a device brings along would wait here without end)', showValue(how))]
    }),
  ]
}

/** The problem that something is buffered which is no event stream, if so. */
export function bufferProblems({ transport, how }: { readonly transport: BlockableTransport; readonly how: Blocking }, path: JsonPath): readonly InputProblem[] {
  return how !== 'buffer' || transport === 'sse' ? []
    : [problem('contradiction', [...path, 'how'], `"refuse" or "swallow" (only sse is buffered)`, '"buffer"')]
}

/** The problem that a range is upside down, if so. */
export function upsideDown(range: { readonly min: number; readonly max: number }, path: JsonPath): readonly InputProblem[] {
  if (range.min <= range.max) return []
  return [problem('contradiction', [...path, 'max'], `at least min (${range.min})`, String(range.max))]
}

/** The problems of a time window. */
export function windowProblems(
  window: { readonly fromMs: number; readonly untilMs?: number | undefined }, simulatedMs: number, path: JsonPath,
): readonly InputProblem[] {
  const until = window.untilMs ?? simulatedMs
  if (until > simulatedMs) {
    return [problem('contradiction', [...path, 'untilMs'], `at most simulatedMs (${simulatedMs})`, String(until))]
  }
  if (window.fromMs >= until) return [problem('contradiction', [...path, 'fromMs'], `less than ${until}, the window's end`, String(window.fromMs))]
  return []
}
