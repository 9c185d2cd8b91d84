/**
 * Walks a JSON Schema along a path, choosing the branch of a union by the value that stands there.
 *
 * Only the parts of JSON Schema that our own schemas produce are understood: objects, arrays, unions of
 * objects told apart by one constant property, and unions with null.
 */
import type { JsonPath } from './json-path.ts'

export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly const?: unknown
}

/** The keys that exist at `path`, in declared order; none if nothing with keys stands there. */
export function knownKeys(schema: JsonSchema, root: unknown, path: JsonPath): readonly string[] {
  const found = schemaAt(schema, root, path)
  return found === undefined ? [] : Object.keys(found.properties ?? {})
}

/** The schema of the value at `path`, or undefined if the schema has no such place. */
export function schemaAt(schema: JsonSchema, root: unknown, path: JsonPath): JsonSchema | undefined {
  let here: JsonSchema | undefined = branchFor(schema, root)
  let value = root
  for (const segment of path) {
    if (here === undefined) return undefined
    const next: JsonSchema | undefined = typeof segment === 'number' ? here.items : ownProperty(here, segment)
    value = child(value, segment)
    here = next === undefined ? undefined : branchFor(next, value)
  }
  return here
}

/** Whether a schema admits a text. */
export function admitsText(schema: JsonSchema): boolean {
  if (typeof schema.const === 'string') return true
  const types = schema.type === undefined ? [] : [schema.type].flat()
  return types.includes('string') || [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].some(admitsText)
}

function ownProperty(schema: JsonSchema, key: string): JsonSchema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
}

function child(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
  return (value as Readonly<Record<string | number, unknown>>)[segment]
}

function branchFor(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = schema.oneOf ?? schema.anyOf
  if (branches === undefined) return schema
  const matching = branches.find((branch) =>
    Object.entries(branch.properties ?? {}).some(([key, property]) =>
      property.const !== undefined && property.const === child(value, key)))
  return matching ?? branches.find((branch) => branch.properties !== undefined) ?? schema
}
