/** Paths into plain JSON, as people write them: `devices[0].link.latencyMs`. */

export type PathSegment = string | number
export type JsonPath = readonly PathSegment[]

/** Renders a path; the root is the empty text. */
export function renderPath(path: JsonPath): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

const SEGMENT = /(?:^|(?<=.)\.)([^.[\]]+)|\[(\d+)\]/y

/** Parses a path; undefined if it is not one. `a.0` and `a[0]` differ: the first names a key. */
export function parsePath(text: string): JsonPath | undefined {
  const path: PathSegment[] = []
  SEGMENT.lastIndex = 0
  while (SEGMENT.lastIndex < text.length) {
    const match = SEGMENT.exec(text)
    if (match === null) return undefined
    const [, key, index] = match
    path.push(index === undefined ? (key ?? '') : Number(index))
  }
  return path.length === 0 ? undefined : path
}

/** The value at a path, looking at own properties only; undefined if there is none. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Readonly<Record<PathSegment, unknown>>)[segment]
  }
  return value
}
