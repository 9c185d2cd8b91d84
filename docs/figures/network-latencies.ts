/**
 * The figure of `docs/network-model.md`: what every profile states of its delays beside 100,000 messages over it,
 * and what TCP makes of one lost packet in a hundred. Deterministic to the byte.
 */
import { PROFILES, type NetworkProfile } from '../../sim/network/profiles/index.ts'
import { type Direction, DIRECTIONS, MESSAGES, measureProfile, measureTail, ONE_WAY_MS, statedOf, TAIL_LOSS } from './measure.ts'
import { element, label, type LogScale, logScale, path } from './svg.ts'

const WIDTH = 880
const LEFT = 150
const RIGHT = 690
const ROW = 25
const HALF = 10
const TOP = 96
const BIN = 3
const PROFILES_HEIGHT = PROFILES.length * ROW
const TAIL_TOP = TOP + PROFILES_HEIGHT + 132
const TAIL_HEIGHT = 230
const HEIGHT = TAIL_TOP + TAIL_HEIGHT + 56

interface Palette { readonly paper: string; readonly ink: string; readonly quiet: string; readonly grid: string; readonly down: string; readonly up: string }

const LIGHT: Palette = { paper: '#ffffff', ink: '#1f2328', quiet: '#59636e', grid: '#e3e7eb', down: '#2f81d6', up: '#d9730d' }
const DARK: Palette = { paper: '#0d1117', ink: '#e6edf3', quiet: '#9198a1', grid: '#262c34', down: '#58a6ff', up: '#f0883e' }

const colours = ({ paper, ink, quiet, grid, down, up }: Palette): string => `
text { fill: ${ink} } .paper { fill: ${paper} } .quiet { fill: ${quiet} } .figures { fill: ${quiet}; stroke: ${paper} }
.grid { stroke: ${grid} } .down { fill: ${down} } .up { fill: ${up} } .stated { stroke: ${ink} }
.line.down { fill: none; stroke: ${down} } .line.up { fill: none; stroke: ${up} }`

/** Light and dark follow the reader's system, the background with the rest. No custom properties: not every viewer knows them. */
const STYLE = `
text { font: 11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
.title { font-size: 14px; font-weight: 600 } .figures { font-size: 10px; stroke-width: 3px; paint-order: stroke }
.stated { fill: none; stroke-width: 1 } .line { stroke-width: 2; stroke-linejoin: round }${colours(LIGHT)}
@media (prefers-color-scheme: dark) {${colours(DARK)}
}
`

export function networkLatencies(): string {
  const parts = [
    element('rect', { class: 'paper', width: WIDTH, height: HEIGHT, rx: 6 }),
    ...profiles(),
    ...tails(),
  ]
  const frame = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: 'img' }
  const title = element('title', {}, 'Measured latencies beside what the network profiles state, and the tails of an idle and a busy connection')
  return `${element('svg', frame, `\n${[title, element('style', {}, STYLE), ...parts].join('\n')}\n`)}\n`
}

function profiles(): readonly string[] {
  const scale = logScale(0.8, 1250, LEFT, RIGHT)
  const bottom = TOP + PROFILES_HEIGHT
  return [
    label(20, 30, 'One-way latency of a 100-byte message: measured, and as the profile states it', { class: 'title' }),
    label(20, 50, `${(2 * MESSAGES).toLocaleString('en-US')} messages a profile. Share of messages over a logarithmic axis; higher is more.`, { class: 'quiet' }),
    ...legend(20, 62),
    label(RIGHT + 98, TOP - 22, 'lost: stated, measured', { class: 'quiet', 'text-anchor': 'middle' }),
    label(RIGHT + 98, TOP - 8, '(down / up)', { class: 'quiet', 'text-anchor': 'middle' }),
    ...axis(scale, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], TOP - 4, bottom, (ms) => `${ms} ms`),
    ...PROFILES.flatMap((profile, index) => row(profile, scale, TOP + index * ROW + ROW / 2)),
  ]
}

function legend(x: number, y: number): readonly string[] {
  return [
    element('rect', { class: 'down', x, y: y + 1, width: 10, height: 8 }), label(x + 15, y + 9, 'measured down (upward)'),
    element('rect', { class: 'up', x: x + 165, y: y + 1, width: 10, height: 8 }), label(x + 180, y + 9, 'measured up (downward)'),
    element('rect', { class: 'stated', x: x + 330, y: y + 0.5, width: 10, height: 9 }), label(x + 345, y + 9, 'stated, with the figures in ms (down / up)'),
  ]
}

function axis(scale: LogScale, ticks: readonly number[], top: number, bottom: number, say: (value: number) => string): readonly string[] {
  return ticks.flatMap((tick) => [
    element('line', { class: 'grid', x1: scale.at(tick), x2: scale.at(tick), y1: top, y2: bottom }),
    label(scale.at(tick), bottom + 16, say(tick), { class: 'quiet', 'text-anchor': 'middle' }),
  ])
}

function row(profile: NetworkProfile, scale: LogScale, middle: number): readonly string[] {
  const ways = DIRECTIONS.map((direction) => ({ direction, stated: statedOf(profile, direction), measured: measureProfile(profile, direction) }))
  const percent = (share: number): string => `${Math.round(share * 10_000) / 100}`
  const lost = ways.map(({ measured }) => percent(measured.lostShare)).join(' / ')
  return [
    label(LEFT - 12, middle + 4, profile.name, { 'text-anchor': 'end' }),
    element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: middle, y2: middle }),
    ...ways.flatMap(({ direction, stated, measured }) => bars(direction, scale, middle, stated, measured.delaysMs)),
    label(Math.max(...ways.map(({ stated }) => scale.at(stated.toMs))) + 10, middle + 4, statedText(ways.map(({ stated }) => stated)), { class: 'figures' }),
    label(RIGHT + 98, middle + 4, ways[0].stated.lostShare === 0 && lost === '0 / 0' ? 'none' : `${percent(ways[0].stated.lostShare)} %, ${lost} %`,
      { 'text-anchor': 'middle', ...(lost === '0 / 0' ? { class: 'quiet' } : {}) }),
  ]
}

/** Down and up, in milliseconds. */
function statedText(ways: readonly { readonly fromMs: number; readonly toMs: number }[]): string {
  const tenth = (ms: number): string => String(ms < 10 ? Math.round(ms * 100) / 100 : Math.round(ms * 10) / 10)
  const texts = ways.map(({ fromMs, toMs }) => fromMs === toMs ? tenth(fromMs) : `${tenth(fromMs)}–${tenth(toMs)}`)
  return texts[0] === texts[1] ? texts[0] : texts.join(' / ')
}

/** Shares by bins of the axis, in the scale of the fullest bin of what is stated. */
function bars(direction: Direction, scale: LogScale, middle: number, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, delaysMs: readonly number[]): readonly string[] {
  const binOf = (ms: number): number => Math.floor((scale.at(ms) - scale.from) / BIN)
  const edge = (bin: number): number => scale.value(scale.from + bin * BIN)
  const first = binOf(fromMs)
  const last = binOf(toMs)
  // A delay without jitter is all in one bin.
  const statedShare = (bin: number): number => first === last ? 1 : Math.max(0, Math.min(toMs, edge(bin + 1)) - Math.max(fromMs, edge(bin))) / (toMs - fromMs)
  const bins = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const fullest = Math.max(...bins.map(statedShare))
  const sign = direction === 'down' ? -1 : 1
  const height = (share: number): number => HALF * Math.min(1.1, share / fullest)
  const counts = new Map<number, number>()
  for (const ms of delaysMs) counts.set(binOf(ms), (counts.get(binOf(ms)) ?? 0) + 1)
  const left = (bin: number): number => scale.from + bin * BIN
  const outline = bins.flatMap((bin) => [[left(bin), middle + sign * height(statedShare(bin))], [left(bin + 1), middle + sign * height(statedShare(bin))]] as const)
  return [
    ...[...counts].sort(([a], [b]) => a - b).map(([bin, count]) => {
      const tall = height(count / delaysMs.length)
      return element('rect', { class: direction, x: left(bin), y: sign < 0 ? middle - tall : middle, width: BIN, height: tall })
    }),
    path([[left(first), middle], ...outline, [left(last + 1), middle]], { class: 'stated' }),
  ]
}

const TAIL_LABELS: readonly { readonly direction: Direction; readonly everyMs: number; readonly messages: number; readonly name: string }[] = [
  { direction: 'up', everyMs: 2000, messages: 40_000, name: 'idle: a message every 2 s' },
  { direction: 'down', everyMs: 20, messages: 40_000, name: 'busy: a message every 20 ms' },
]

const RAREST = 0.0001

function tails(): readonly string[] {
  const x = logScale(20, 2000, LEFT, RIGHT)
  const y = logScale(1, RAREST, TAIL_TOP, TAIL_TOP + TAIL_HEIGHT)
  return [
    label(20, TAIL_TOP - 58, `What a WebSocket makes of ${TAIL_LOSS * 100} % loss: an idle and a busy connection`, { class: 'title' }),
    label(20, TAIL_TOP - 38, `Share of messages that take longer; ${ONE_WAY_MS} ms one way, loss in both directions. Alone, a loss waits for the probe or the timer; with`, { class: 'quiet' }),
    label(20, TAIL_TOP - 23, 'traffic behind it, for three more messages, and holds those up. Nothing is lost.', { class: 'quiet' }),
    ...axis(x, [20, 50, 100, 200, 500, 1000, 2000], TAIL_TOP, TAIL_TOP + TAIL_HEIGHT, (ms) => `${ms} ms`),
    ...[1, 0.1, 0.01, 0.001, RAREST].flatMap((share) => [
      element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: y.at(share), y2: y.at(share) }),
      label(LEFT - 12, y.at(share) + 4, `${Math.round(share * 1e6) / 1e4} %`, { class: 'quiet', 'text-anchor': 'end' }),
    ]),
    ...TAIL_LABELS.flatMap(({ direction, everyMs, messages, name }, index) => {
      const sorted = measureTail(everyMs, messages)
      const steps = sorted.flatMap((ms, at) => ms === sorted[at + 1] ? [] : [[ms, 1 - (at + 1) / sorted.length] as const])
      const low = (share: number): number => y.at(Math.max(share, RAREST))
      const points = [[x.at(20), y.at(1)], ...steps.flatMap(([ms, left], at) => [[x.at(ms), low(at === 0 ? 1 : steps[at - 1][1])], [x.at(ms), low(left)]] as const)] as const
      const shownPoints = points.slice(0, points.findIndex(([, py]) => py >= y.to) + 1)
      const shown = (of: number): string => `${Math.round(sorted[Math.floor(of * sorted.length)])} ms`
      return [
        path(shownPoints, { class: `line ${direction}` }),
        label(RIGHT + 12, TAIL_TOP + 20 + index * 62, name, { class: direction }),
        label(RIGHT + 12, TAIL_TOP + 36 + index * 62, `p50 ${shown(0.5)}, p98 ${shown(0.98)}`, { class: 'quiet' }),
        label(RIGHT + 12, TAIL_TOP + 52 + index * 62, `p99.5 ${shown(0.995)}, p99.9 ${shown(0.999)}`, { class: 'quiet' }),
      ]
    }),
  ]
}
