/**
 * A counterexample as a story (F2): who did what, what the network did, what each device ended up showing,
 * and which write was lost and why.
 *
 * A shrunk history fits whole. A longer one is cut down in this order: details (signals, refetches), fields
 * that the evidence does not speak of, then what is far from the first edit it names. What is left out is said.
 */
import type { History } from '../../sim/history/events.ts'
import type { HostId } from '../../sim/values.ts'
import type { Judgement } from '../property.ts'
import { counted } from '../verdicts.ts'
import { Screens } from './screens.ts'
import { labelOf, storyLines, type StoryLine } from './story-lines.ts'
import { listed, quoted, wrapped } from './wording.ts'

const MAX_HAPPENINGS = 40
/** What is told from before the first edit that the evidence names, if not all can be told. */
const BEFORE_EVIDENCE = 10
const MAX_EVIDENCE = 5

/** Lines of at most 100 columns (a long word may stick out); times are milliseconds of true virtual time. */
export function tellStory(history: History, judgement: Judgement): readonly string[] {
  const { header } = history
  const type = judgement.type === 'any' ? '' : ` (${judgement.type})`
  return [
    ...wrapped(`${header.strategy}, ${judgement.property}${type}: ${judgement.verdict}: ${judgement.reason}`, 2),
    ...happenings(history, judgement),
    ...endings(history, judgement),
    ...(judgement.evidence ?? []).slice(0, MAX_EVIDENCE).flatMap(({ what }) => wrapped(`Why: ${what}`, 5)),
  ]
}

function happenings(history: History, judgement: Judgement): readonly string[] {
  const fields = fieldsOf(history, judgement)
  const cuts: readonly ((line: StoryLine) => boolean)[] = [
    () => true,
    ({ rank }) => rank === 'main',
    ({ rank, field }) => rank === 'main' && (field === null || fields.has(field)),
  ]
  const all = storyLines(history)
  const kept = cuts.map((isTold) => all.filter(isTold)).find((lines) => lines.length <= MAX_HAPPENINGS) ?? all.filter(cuts[cuts.length - 1])
  const from = startOf(kept, history, judgement)
  const lines = kept.slice(from, from + MAX_HAPPENINGS)
  const decimals = lines.every(({ atUs }) => atUs % 1000 === 0) ? 0 : 3
  const timeOf = ({ atUs }: StoryLine): string => `${(atUs / 1000).toFixed(decimals)} ms`
  const width = Math.max(0, ...lines.map((line) => timeOf(line).length))
  const leftOut = all.length - kept.length
  const after = kept.length - from - lines.length
  return [
    ...(from === 0 ? [] : [`(${counted(from, 'line')} before this left out)`]),
    ...lines.flatMap((line) => wrapped(`${timeOf(line).padStart(width)}  ${line.text}`, width + 4)),
    ...(after === 0 ? [] : [`(${counted(after, 'line')} after this left out)`]),
    ...(leftOut === 0 ? [] : [`(${counted(leftOut, 'line')} about other things left out)`]),
  ]
}

/** Where a story that is still too long begins: shortly before the first edit that the evidence names, or so that it reaches the end. */
function startOf(lines: readonly StoryLine[], { events }: History, { evidence }: Judgement): number {
  if (lines.length <= MAX_HAPPENINGS) return 0
  const [named] = (evidence ?? []).flatMap(({ edit }) => edit ?? [])
  const edit = events.find((event) => event.kind === 'edit' && event.edit === named)
  const at = edit === undefined ? lines.length : lines.findIndex(({ atUs }) => atUs >= edit.atUs)
  return Math.min(Math.max(0, at - BEFORE_EVIDENCE), lines.length - MAX_HAPPENINGS)
}

/** The fields that the evidence speaks of, as `document/field`; all of them if it names no edit. */
function fieldsOf({ header, events }: History, { evidence }: Judgement): ReadonlySet<string> {
  const edits = new Set((evidence ?? []).flatMap(({ edit }) => edit ?? []))
  const named = events.flatMap((event) => event.kind === 'edit' && edits.has(event.edit) ? [`${event.document}/${event.field}`] : [])
  if (named.length > 0) return new Set(named)
  return new Set(header.documents.flatMap(({ id, fields }) => fields.map(({ name }) => `${id}/${name}`)))
}

/** What every host shows in the end of the fields that the evidence speaks of and that somebody edited. */
function endings(history: History, judgement: Judgement): readonly string[] {
  const { header, events } = history
  const screens = new Screens(header)
  const edited = new Set<string>()
  for (const event of events) {
    if (event.kind === 'view') screens.apply(event)
    if (event.kind === 'edit') edited.add(`${event.document}/${event.field}`)
  }
  const wanted = fieldsOf(history, judgement)
  return header.documents.flatMap((document) => document.fields.flatMap(({ name }): readonly string[] => {
    const field = `${document.id}/${name}`
    if (!wanted.has(field) || !edited.has(field)) return []
    const byValue = new Map<string, HostId[]>()
    for (const host of [...header.servers, ...header.devices]) {
      const shown = quoted(screens.value(host, document.id, name))
      byValue.set(shown, [...byValue.get(shown) ?? [], host])
    }
    return [...byValue].flatMap(([shown, hosts]) =>
      wrapped(`In the end ${listed(hosts)} ${hosts.length === 1 ? 'shows' : 'show'} ${labelOf(history, document.id, name)} ${shown}.`, 2))
  }))
}
