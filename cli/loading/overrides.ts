/**
 * `--set path=value`, as often as wanted, applied from left to right. The value is read as JSON where it
 * is JSON (`40`, `true`, `[1,2]`, `"text"`), and as plain text otherwise.
 */
import { BadInput } from '../../sim/bad-input.ts'

export interface Override {
  /** Where in the scenario, with dots: `workload.recorded`. */
  readonly path: string
  readonly value: unknown
}

export function parseOverride(text: string): Override {
  const split = text.indexOf('=')
  if (split <= 0) {
    throw new BadInput({
      code: 'bad-value', where: '--set', path: '', expected: 'path=value, such as client.invalidation=immediate', got: text,
    })
  }
  return { path: text.slice(0, split).trim(), value: parseValue(text.slice(split + 1)) }
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // Not JSON: the user's plain text.
  }
}
