/**
 * A history as lines: who did what, what the network did, what the screens showed. Ordinary traffic is not
 * told; of the network only what changed something: lost and late frames, faults, connections.
 */
import type { ConnectionEvent, EditEvent, EditId, FaultEvent, FrameEvent, History, HistoryEvent, LifecycleEvent, ViewEvent } from '../../sim/history/events.ts'
import { traitsOf } from '../../sim/scenario/fault-traits.ts'
import { isNetworkFaultType } from '../../sim/scenario/plan.ts'
import type { DocumentId, FieldName, HostId } from '../../sim/values.ts'
import { counted } from '../verdicts.ts'
import { lateFrames } from './late-frames.ts'
import { Screens } from './screens.ts'
import { deedOf, listed, quoted, thingOf } from './wording.ts'

export interface StoryLine {
  readonly atUs: number
  readonly text: string
  /** The field it is about, as `document/field`; null for what concerns the world. */
  readonly field: string | null
  /** `detail` goes first when a story is too long. */
  readonly rank: 'main' | 'detail'
}

export function storyLines(history: History): readonly StoryLine[] {
  return new Teller(history).tell()
}

/** The field's name, with the document's where there are several. */
export function labelOf({ header }: History, document: DocumentId, field: FieldName): string {
  return header.documents.length > 1 ? `${document}/${field}` : field
}

class Teller {
  readonly #history: History
  readonly #screens: Screens
  readonly #late: ReadonlyMap<number, number>
  readonly #edits: ReadonlyMap<EditId, EditEvent>
  readonly #connected = new Set<HostId>()
  readonly #hasEdited = new Set<HostId>()
  readonly #lines: StoryLine[] = []

  constructor(history: History) {
    this.#history = history
    this.#screens = new Screens(history.header)
    this.#late = lateFrames(history)
    this.#edits = new Map(history.events.flatMap((event) => event.kind === 'edit' ? [[event.edit, event] as const] : []))
  }

  tell(): readonly StoryLine[] {
    const { events } = this.#history
    events.forEach((event, index) => this.#event(event, events[index - 1]))
    return joinLostFrames(this.#lines)
  }

  #say(atUs: number, text: string, field: string | null, rank: StoryLine['rank'] = 'main'): void {
    this.#lines.push({ atUs, text, field, rank })
  }

  #label({ document, field }: { readonly document: DocumentId; readonly field: FieldName }): string {
    return labelOf(this.#history, document, field)
  }

  /** An edit made before, as a thing: what it wrote, and its field. */
  #thing(edit: EditId): { readonly text: string; readonly field: string | null } {
    const event = this.#edits.get(edit)
    return event === undefined ? { text: edit, field: null } : { text: thingOf(event), field: `${event.document}/${event.field}` }
  }

  #event(event: HistoryEvent, before: HistoryEvent | undefined): void {
    switch (event.kind) {
      case 'edit': return this.#edit(event)
      case 'skipped': {
        if (event.reason === 'type-unsupported') return
        const why = event.reason === 'device-down' ? 'is down' : 'finds nothing there to change'
        return this.#say(event.atUs, `${event.device} ${why}: ${event.edit} of ${this.#label(event)} is skipped`, `${event.document}/${event.field}`)
      }
      case 'view': return this.#view(event, before)
      case 'settled': {
        const { text, field } = this.#thing(event.edit)
        const where = event.level === 'server-durable' ? `${event.device} is told that ${text} is safe on the server` : `${event.device} has ${text} safe on its disk`
        return this.#say(event.atUs, where, field)
      }
      case 'rejected': {
        const { text, field } = this.#thing(event.edit)
        return this.#say(event.atUs, `${event.device} is told that ${text} is rejected: ${event.reason}`, field)
      }
      case 'merged': {
        const { text, field } = this.#thing(event.edit)
        return this.#say(event.atUs, `${event.device} is told that ${text} gave way (${event.rule})`, field)
      }
      case 'notified': {
        const { text, field } = this.#thing(event.edit)
        return this.#say(event.atUs, `the user of ${event.device} is told that ${text} was ${event.notice}`, field, event.notice === 'rejected' ? 'detail' : 'main')
      }
      case 'signal': return this.#say(event.atUs, `${event.device} hears that ${event.document} is at version ${event.version}`, null, 'detail')
      case 'refetch': {
        if (event.initial && event.result === 'fetched') return
        const result = event.result === 'failed' ? 'fails to fetch it' : `has fetched version ${event.version ?? '?'}`
        return this.#say(event.atUs, `${event.device} asked for ${event.document} at ${event.startedAtUs / 1000} ms, and ${result}`, null, 'detail')
      }
      case 'connection': return this.#connection(event)
      case 'stream': return this.#say(event.atUs, event.state === 'resumed' ? `${event.device} is connected again, and has missed nothing`
        : `${event.device} is told that what it has missed is no longer there`, null)
      case 'fault': return this.#fault(event)
      case 'frame': return this.#frame(event)
      case 'lifecycle': return this.#lifecycle(event)
      case 'quiet': {
        if (event.result === 'quiet') return this.#say(event.atUs, 'all is quiet', null)
        const reason = event.result === 'budget' ? 'a budget ends the run before it is quiet' : 'it should have become quiet by now, and is not'
        return this.#say(event.atUs, `${reason}: ${event.pending.slice(0, 3).join('; ') || 'nothing is said to be pending'}`, null)
      }
      default: return event satisfies never
    }
  }

  #edit(event: EditEvent): void {
    const { atUs, device, document, field, edit } = event
    this.#hasEdited.add(device)
    const deed = deedOf(event, this.#label(event))
    const saw = `(saw ${quoted(this.#screens.value(device, document, field))})`
    // Workloads write the edit's id into register values; a text's characters need it said.
    const id = deed.includes(edit) ? '' : ` [${edit}]`
    this.#say(atUs, `${device} ${deed} ${saw}${id}`, `${document}/${field}`)
  }

  /** A device that shows its own edit at once is no news. */
  #view(event: ViewEvent, before: HistoryEvent | undefined): void {
    this.#screens.apply(event)
    const { atUs, host, document, field } = event
    const isOwn = before?.kind === 'edit' && before.device === host && before.document === document && before.field === field && before.atUs === atUs
    if (isOwn) return
    this.#say(atUs, `${host} shows ${this.#label(event)} ${quoted(this.#screens.value(host, document, field))}`, `${document}/${field}`)
  }

  /** The first connection is told only to whoever was at work before it. */
  #connection({ atUs, device, state, via }: ConnectionEvent): void {
    switch (state) {
      case 'connecting': return
      case 'open': {
        const again = this.#connected.has(device)
        const over = via === undefined ? '' : ` over ${via}`
        if (again || via !== undefined || this.#hasEdited.has(device)) this.#say(atUs, `${device} is connected${again ? ' again' : ''}${over}`, null)
        this.#connected.add(device)
        return
      }
      case 'closed': return this.#say(atUs, `${device} has lost its connection`, null)
      case 'gave-up': return this.#say(atUs, `${device} gives up connecting`, null)
    }
  }

  #fault({ atUs, type, devices, phase, hit, direction }: FaultEvent): void {
    const isOfAll = isNetworkFaultType(type) && devices.some((id) => this.#history.header.servers.includes(id))
    const names = isOfAll ? 'all devices' : listed(devices)
    if (phase === 'missed') return this.#say(atUs, `${type} of ${names} never comes: the moment that it waited for did not`, null)
    const [begins, ends] = wordsFor(type, names, !isOfAll && devices.length === 1, direction)
    if (phase === 'end' && ends === '') return
    const hits = hit === 0 ? '' : ` (${counted(hit, traitsOf(type)?.counts ?? 'thing')} hit)`
    // What a fault did at once is recorded before it; a story tells the cause first.
    const effects = this.#lines.findLastIndex((line) => line.atUs !== atUs || !isEffectOfFault(line)) + 1
    this.#lines.splice(phase === 'begin' ? effects : this.#lines.length, 0, { atUs, text: (phase === 'begin' ? begins : ends) + hits, field: null, rank: 'main' })
  }

  /** Of the ends and sleeps of processes the faults tell. */
  #lifecycle({ atUs, host, state, incarnation, heldBytes }: LifecycleEvent): void {
    if (state === 'out-of-memory') this.#say(atUs, `the page on ${host} crashes: it has received ${heldBytes ?? 0} bytes that it did not get to read`, null)
    if (state === 'started') this.#say(atUs, `${host} starts again (process ${incarnation}) from what its disk has kept`, null)
    if (state === 'awake') this.#say(atUs, `${host} is awake again`, null)
  }

  #frame({ atUs, state, from, to, cause, frame }: FrameEvent): void {
    const about = cause === null ? '' : ` about ${this.#thing(cause).text}`
    if (state === 'lost') this.#say(atUs, `a frame${about} from ${from} to ${to} is lost`, null)
    const tookUs = state === 'delivered' ? this.#late.get(frame) : undefined
    if (tookUs !== undefined) this.#say(atUs, `what ${from} sent to ${to}${about} arrives late, after ${tookUs / 1000} ms`, null)
  }
}

function wordsFor(type: string, names: string, isOne: boolean, direction?: 'up' | 'down'): readonly [begins: string, ends: string] {
  const way = direction === undefined ? `between ${names} and the server` : direction === 'up' ? `from ${names} to the server` : `from the server to ${names}`
  switch (type) {
    case 'break': return [`the connections of ${names} are reset`, '']
    case 'partition': return [`the network ${way} is cut`, `the network of ${names} works again`]
    case 'clog': return [`packets ${way} are held`, `what was held ${way} arrives`]
    case 'switch': return [`${names} ${isOne ? 'changes' : 'change'} to another network`, '']
    case 'reset': return [`a middlebox resets the connections of ${names}`, '']
    case 'black-hole': return [`a middlebox forgets the connections of ${names}, and lets nothing through`, `${names} can make connections again; the forgotten ones stay silent`]
    case 'slow-close': return [`FINs and resets of ${names} are held`, `the held FINs and resets of ${names} arrive`]
    case 'dns-failure': return [`${names} ${isOne ? 'finds' : 'find'} no address of the server any more`, `${names} can find the server's address again`]
    case 'proxy-block': return [`the proxy of ${names} blocks a transport`, `the proxy of ${names} blocks it no more`]
    case 'offline': return [`${names} ${isOne ? 'goes' : 'go'} offline`, `${names} can go online again`]
    case 'crash': return [`${names} ${isOne ? 'loses' : 'lose'} power`, '']
    case 'kill': return [`the process on ${names} is killed`, '']
    case 'restart': return [`the process on ${names} is shut down`, '']
    case 'torn-write': return [`the disk of ${names} stalls`, `${names} ${isOne ? 'loses' : 'lose'} power in the middle of a write`]
    case 'suspend': return [`${names} ${isOne ? 'falls' : 'fall'} asleep`, '']
    case 'hide': return [`the page on ${names} is hidden`, '']
    case 'stall': return [`the page on ${names} is blocked`, `the page on ${names} goes on`]
    case 'quota': return [`the disk of ${names} is full`, `the disk of ${names} has room again`]
    case 'disk-error': return [`the disk of ${names} fails`, `the disk of ${names} works again`]
    case 'bit-rot': return [`a byte stored on ${names} changes`, `${names} ${isOne ? 'is' : 'are'} restarted and ${isOne ? 'reads its disk' : 'read their disks'}: what comes behind a wrong checksum is lost`]
    case 'step': return [`the clock of ${names} is set`, '']
    case 'skew': return [`the clock of ${names} is set wrong`, `the clock of ${names} is set right`]
    case 'drift': return [`the clock of ${names} begins to drift`, `the clock of ${names} drifts no more`]
    case 'failover': return [`${names} ${isOne ? 'is' : 'are'} gone`, `a standby takes the place of ${names}`]
    case 'server-error': return [`requests of ${names} get errors`, `requests of ${names} are served again`]
    case 'rate-limit': return [`requests of ${names} are limited`, `requests of ${names} are not limited any more`]
    case 'overload': return [`the server is overloaded for ${names}`, `the server has room again for ${names}`]
    case 'lost-answer': return [`answers to ${names} are lost`, `answers to ${names} arrive again`]
    case 'duplicate-request': return [`requests of ${names} arrive twice`, `requests of ${names} arrive once again`]
    case 'lag': return [`${names} ${isOne ? 'reads' : 'read'} from a replica that lags`, `${names} ${isOne ? 'reads' : 'read'} from the primary again`]
    case 'token-expired': return [`the access tokens of ${names} expire`, '']
    default: return [`${type} begins for ${names}`, `${type} ends for ${names}`]
  }
}

const LOST = / is lost$/
const LOST_CONNECTION = / has lost its connection$/
const isEffectOfFault = ({ text }: StoryLine): boolean => LOST.test(text) || LOST_CONNECTION.test(text)

/** Several frames lost at once on one way are one line. */
function joinLostFrames(lines: readonly StoryLine[]): readonly StoryLine[] {
  const joined: StoryLine[] = []
  let run: StoryLine[] = []
  const flush = (): void => {
    const [first] = run
    if (first !== undefined) joined.push(run.length === 1 ? first : { ...first, text: `${run.length} frames are lost, among them ${first.text.replace(LOST, '')}` })
    run = []
  }
  for (const line of lines) {
    const isLost = LOST.test(line.text)
    if (!isLost || line.atUs !== run[0]?.atUs) flush()
    if (isLost) run.push(line)
    else joined.push(line)
  }
  flush()
  return joined
}
