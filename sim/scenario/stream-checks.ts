/** The problems of a scenario's workload streams: what they refer to, their ranges, and their claims on fields and alphabets. */
import { showValue } from '../bad-input.ts'
import type { JsonPath } from './json-path.ts'
import { type InputProblem, problem, repeated, unknownName, upsideDown, windowProblems } from './input-problem.ts'
import type { Scenario } from './scenario-schema.ts'
import { isTextStream, streamFields, type ReadonlyStream } from './stream-schema.ts'
import { ALPHABETS } from './code-points.ts'
import { deviceAndTabIds } from './tabs.ts'

export function streamProblems(scenario: Scenario): readonly InputProblem[] {
  const { streams } = scenario.workload
  return [
    ...repeated(streams.map((stream) => stream.name), (index) => ['workload', 'streams', index, 'name'], 'stream name'),
    ...streams.flatMap((stream, index) => {
      const path: JsonPath = ['workload', 'streams', index]
      return [
        ...referenceProblems(scenario, stream, path),
        ...rangeProblems(scenario, stream, path),
      ]
    }),
    ...toggleProblems(streams),
    ...alphabetProblems(streams),
  ]
}

function referenceProblems(scenario: Scenario, stream: ReadonlyStream, path: JsonPath): readonly InputProblem[] {
  const known = deviceAndTabIds(scenario.devices)
  const lists: Readonly<Record<string, readonly string[]>> =
    'devices' in stream ? { devices: stream.devices } : 'editors' in stream ? { editors: stream.editors } : {}
  const problems = Object.entries(lists).flatMap(([key, ids]) => [
    ...ids.flatMap((id, at) => unknownName(id, known, [...path, key, at])),
    ...repeated(ids, (at) => [...path, key, at], 'device id'),
  ])
  if ('device' in stream) problems.push(...unknownName(stream.device, known, [...path, 'device']))
  if (stream.kind === 'override' && stream.editors.includes(stream.device)) {
    problems.push(problem('contradiction', [...path, 'editors'], 'editors other than the overriding device', showValue(stream.editors)))
  }

  const document = scenario.documents.find((candidate) => candidate.id === stream.document)
  if (document === undefined) {
    const documents = scenario.documents.map((candidate) => candidate.id)
    return [...problems, ...unknownName(stream.document, documents, [...path, 'document'])]
  }
  const type = isTextStream(stream) ? 'text' : 'register'
  const fieldPath = (at: number): JsonPath => stream.kind === 'fields' ? [...path, 'fields', at] : [...path, 'field']
  streamFields(stream).forEach((name, at) => {
    const field = document.fields.find((candidate) => candidate.name === name)
    if (field === undefined) problems.push(...unknownName(name, document.fields.map((candidate) => candidate.name), fieldPath(at)))
    else if (field.type !== type) {
      problems.push(problem('contradiction', fieldPath(at), `a field of type ${type} (a ${stream.kind} stream)`, `${showValue(name)}, a ${field.type}`))
    }
  })
  return problems
}

function rangeProblems(scenario: Scenario, stream: ReadonlyStream, path: JsonPath): readonly InputProblem[] {
  const { simulatedMs } = scenario
  switch (stream.kind) {
    case 'fields':
    case 'same-millisecond':
    case 'override':
      return windowProblems(stream, simulatedMs, path)
    case 'typing':
      return [
        ...windowProblems(stream, simulatedMs, path),
        ...upsideDown(stream.keysPerBurst, [...path, 'keysPerBurst']),
        ...upsideDown(stream.keyMs, [...path, 'keyMs']),
      ]
    case 'same-caret':
      return [
        ...windowProblems(stream, simulatedMs, path),
        ...upsideDown(stream.keys, [...path, 'keys']),
        ...upsideDown(stream.keyMs, [...path, 'keyMs']),
      ]
    case 'burst': {
      const late = stream.jitterMs > 0 && stream.jitterMs >= stream.everyMs
      const endMs = stream.fromMs + stream.count * stream.everyMs
      return [
        ...(late ? [problem('contradiction', [...path, 'jitterMs'], `less than everyMs (${stream.everyMs})`, String(stream.jitterMs))] : []),
        ...(endMs > simulatedMs
          ? [problem('contradiction', [...path, 'count'], `a burst that ends within simulatedMs (${simulatedMs})`, `${stream.count}, ending at ${endMs} ms`)] : []),
      ]
    }
    case 'toggle': {
      const endMs = stream.fromMs + stream.count * stream.everyMs.max
      return [
        ...upsideDown(stream.everyMs, [...path, 'everyMs']),
        ...repeated(stream.values, (at) => [...path, 'values', at], 'value'),
        ...(endMs > simulatedMs
          ? [problem('contradiction', [...path, 'count'], `toggles that end within simulatedMs (${simulatedMs})`, `${stream.count}, ending at up to ${endMs} ms`)] : []),
      ]
    }
  }
}

/** A field whose values repeat on purpose belongs to its stream alone: nobody could tell other edits of it apart. */
function toggleProblems(streams: readonly ReadonlyStream[]): readonly InputProblem[] {
  return streams.flatMap((stream, index) => {
    if (stream.kind !== 'toggle') return []
    const rival = streams.find((other, at) => at !== index && other.document === stream.document
      && streamFields(other).includes(stream.field))
    return rival === undefined ? [] : [problem('contradiction', ['workload', 'streams', index, 'field'],
      'a field that no other stream edits (its values repeat)', `${showValue(stream.field)}, which stream ${rival.name} edits too`)]
  })
}

function alphabetProblems(streams: readonly ReadonlyStream[]): readonly InputProblem[] {
  const owners = new Map<number, string>()
  return streams.flatMap((stream, index) => {
    if (!('alphabet' in stream) || stream.alphabet === undefined) return []
    const path: JsonPath = ['workload', 'streams', index, 'alphabet']
    const owner = owners.get(stream.alphabet)
    owners.set(stream.alphabet, stream.name)
    if (stream.alphabet >= ALPHABETS) return [problem('too-much', path, `at most ${ALPHABETS} text streams`, `one more, ${stream.name}`)]
    if (owner !== undefined) return [problem('contradiction', path, `an alphabet that stream ${owner} does not use`, String(stream.alphabet))]
    return []
  })
}
