/**
 * Checks counterexample files, by hand: the plan inside has its schema (`plan-schema.ts`), the rest is small.
 * Verdict and story are for readers, but a file whose verdict is none of a property's is no counterexample.
 */
import { BadInput, showValue, type BadInputCode } from '../../sim/bad-input.ts'
import { expectedName } from '../../sim/scenario/nearest-name.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { validatePlan } from '../../sim/scenario/plan-schema.ts'
import { DATA_TYPES } from '../../sim/values.ts'
import { COUNTEREXAMPLE_SCHEMA_ID, type Counterexample } from './counterexample-file.ts'
import type { Evidence, Judgement } from '../property.ts'
import { properties, propertyNamed } from '../registry.ts'

/** Checks a counterexample read from a file. Throws `BadInput` naming `source`, the path and what was expected. */
export function validateCounterexample(value: unknown, source: string): Counterexample {
  const fail = (path: string, expected: string, got: unknown, code: BadInputCode = 'bad-value'): never => {
    throw new BadInput({ code, where: source, path, expected, got: showValue(got) })
  }
  const object = (candidate: unknown, path: string): Readonly<Record<string, unknown>> =>
    typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate)
      ? candidate as Readonly<Record<string, unknown>> : fail(path, 'an object', candidate)
  const text = (candidate: unknown, path: string): string => typeof candidate === 'string' && candidate !== '' ? candidate : fail(path, 'a non-empty text', candidate)
  const list = (candidate: unknown, path: string): readonly unknown[] => Array.isArray(candidate) ? candidate : fail(path, 'an array', candidate)

  const file = object(value, '')
  if (file.schema !== COUNTEREXAMPLE_SCHEMA_ID) fail('schema', `"${COUNTEREXAMPLE_SCHEMA_ID}"`, file.schema)
  const unknownKey = Object.keys(file).find((key) => !KEYS.includes(key))
  if (unknownKey !== undefined) fail('', expectedName(unknownKey, KEYS), unknownKey, 'unknown-name')
  const property = text(file.property, 'property')
  if (propertyNamed(property) === undefined) fail('property', expectedName(property, properties.map(({ name }) => name)), property, 'unknown-name')
  const strategy = text(file.strategy, 'strategy')
  const versions = Object.fromEntries(Object.entries(object(file.versions, 'versions')).map(([name, version]) => [name, text(version, `versions.${name}`)]))
  const decisions = list(file.decisions, 'decisions')
  if (decisions.length > 0) fail('decisions', 'an empty array (this release changes no single decisions of the weather)', decisions)
  const digest = text(file.digest, 'digest')
  if (!/^[0-9a-f]{16,}$/.test(digest)) fail('digest', 'a digest of at least 16 hex digits', digest)
  const verdict = object(file.verdict, 'verdict')
  if (verdict.verdict !== 'violated') fail('verdict.verdict', '"violated"', verdict.verdict)
  const type = TYPES.find((candidate) => candidate === verdict.type) ?? fail('verdict.type', `one of ${TYPES.join(', ')}`, verdict.type)
  const evidence = verdict.evidence === undefined ? undefined : list(verdict.evidence, 'verdict.evidence').map((entry, index): Evidence => {
    const path = `verdict.evidence[${index}]`
    const { what, edit, host, atUs } = object(entry, path)
    return {
      what: text(what, `${path}.what`),
      ...(edit === undefined ? {} : { edit: text(edit, `${path}.edit`) }),
      ...(host === undefined ? {} : { host: text(host, `${path}.host`) }),
      ...(atUs === undefined ? {} : { atUs: Number.isSafeInteger(atUs) ? atUs as number : fail(`${path}.atUs`, 'an integer', atUs) }),
    }
  })
  const story = list(file.story, 'story').map((line, index) => text(line, `story[${index}]`))
  const plan = inPlan(file.plan, source)
  const options = object(file.options, 'options')
  if (options.inFlight !== plan.strategy.inFlight || options.ids !== plan.strategy.ids) fail('options', 'what plan.strategy says', options, 'contradiction')
  return {
    schema: COUNTEREXAMPLE_SCHEMA_ID, property, strategy, options: plan.strategy, versions, plan, decisions: [], digest,
    verdict: { type, verdict: 'violated', reason: text(verdict.reason, 'verdict.reason'), evidence }, story,
  }
}

const KEYS: readonly string[] = ['schema', 'property', 'strategy', 'options', 'versions', 'plan', 'decisions', 'digest', 'verdict', 'story']
const TYPES: readonly Judgement['type'][] = [...DATA_TYPES, 'any']

/** The plan's own problems, with paths as they stand in the counterexample. */
function inPlan(value: unknown, source: string): Plan {
  try {
    return validatePlan(value, source)
  } catch (problem) {
    if (!(problem instanceof BadInput)) throw problem
    const { code, path, expected, got, others } = problem
    const separator = path === '' || path.startsWith('[') ? '' : '.'
    throw new BadInput({ code, where: source, path: `plan${separator}${path}`, expected, got, others }, { cause: problem })
  }
}
