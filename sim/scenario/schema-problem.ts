/** Turns what zod found wrong into one `BadInput`: the first problem, and the count of the others. */
import type { z } from 'zod'
import { BadInput, type BadInputCode, showValue } from '../bad-input.ts'
import { type JsonPath, renderPath, valueAt } from './json-path.ts'
import { expectedName } from './nearest-name.ts'
import { type JsonSchema, knownKeys } from './schema-walk.ts'

type Issue = z.core.$ZodIssue

/** The error for a value that a schema refused. `schema` (as JSON Schema) names the keys that exist. */
export function schemaProblem(error: z.ZodError, value: unknown, where: string, schema: JsonSchema): BadInput {
  const [issue] = error.issues
  if (issue === undefined) throw new Error('a schema refused a value without an issue', { cause: error })
  const { code, path, expected, got } = describe(issue, value, schema)
  // One value can break several rules at once; to the user that is one problem.
  const places = new Set(error.issues.map((each) => JSON.stringify(each.path)))
  return new BadInput({ code, where, path: renderPath(path), expected, got, others: places.size - 1 })
}

interface Description {
  readonly code: BadInputCode
  readonly path: JsonPath
  readonly expected: string
  readonly got: string
}

function describe(issue: Issue, root: unknown, schema: JsonSchema): Description {
  const path = issue.path.filter((segment) => typeof segment !== 'symbol')
  const value = valueAt(root, path)
  const bad = (expected: string): Description => ({ code: 'bad-value', path, expected, got: showValue(value) })
  switch (issue.code) {
    case 'invalid_type':
      return bad(TYPE_NAMES.get(issue.expected) ?? issue.expected)
    case 'too_small':
      return bad(limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum))
    case 'too_big':
      return bad(limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum))
    case 'invalid_value':
      return bad(oneOf(issue.values.map((known) => String(known)), value))
    case 'unrecognized_keys': {
      const key = issue.keys[0] ?? ''
      const expected = expectedName(key, knownKeys(schema, root, path))
      return { code: 'unknown-name', path: [...path, key], expected, got: `unknown key ${showValue(key)}` }
    }
    case 'invalid_union': {
      const { options } = issue as { readonly options?: readonly unknown[] }
      if (options !== undefined) return bad(oneOf(options.map(String), value))
      return bad(issue.errors.map((branch) => branch[0]).filter((first) => first !== undefined)
        .map((first) => describe({ ...first, path: [] }, value, {}).expected).join(' or '))
    }
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return bad(issue.message)
  }
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['number', 'a finite number'], ['int', 'a whole number'], ['string', 'a text'], ['boolean', 'true or false'],
  ['array', 'an array'], ['object', 'an object'], ['null', 'null'],
])

function limit(origin: string, bound: string, value: number | bigint): string {
  switch (origin) {
    case 'array': return `${bound} ${value} ${Number(value) === 1 ? 'entry' : 'entries'}`
    case 'string': return `a text of ${bound} ${value} characters`
    default: return `a number, ${bound} ${value}`
  }
}

function oneOf(known: readonly string[], value: unknown): string {
  if (known.length === 1) return JSON.stringify(known[0])
  return typeof value === 'string' ? expectedName(value, known) : `one of ${known.join(', ')}`
}
