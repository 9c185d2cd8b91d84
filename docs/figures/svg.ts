/** As much SVG as the figures need: elements as text, numbers to a tenth, and a logarithmic scale. */

export type Attributes = Readonly<Record<string, string | number>>

const written = (value: string | number): string => typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

export function element(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(written(value))}"`).join('')
  return content === '' ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`
}

export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(text))
}

export function path(points: readonly (readonly [x: number, y: number])[], attributes: Attributes): string {
  return element('path', { d: points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${written(x)} ${written(y)}`).join(''), ...attributes })
}

/** From a value to a place, and back. */
export interface LogScale {
  readonly from: number
  readonly to: number
  at(value: number): number
  value(place: number): number
}

/** `low` is at place `from`, `high` at `to`. */
export function logScale(low: number, high: number, from: number, to: number): LogScale {
  const perDecade = (to - from) / Math.log10(high / low)
  return { from, to, at: (value) => from + perDecade * Math.log10(value / low), value: (place) => low * 10 ** ((place - from) / perDecade) }
}
