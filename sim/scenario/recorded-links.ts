/** Which recordings a scenario's links name, and what of them goes into a plan. */
import { BadInput } from '../bad-input.ts'
import { boundsOf, healedAtUs } from '../history/bounds.ts'
import type { DeliveryTrace } from '../network/delivery-trace.ts'
import { cutRecording, type LinkRecording, MAX_RECORDING_CHARACTERS } from './link-recording.ts'
import { traceNamed } from './link-plan.ts'
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { microsecondsOf } from './virtual-duration.ts'

/** The files of one link, and where in them a run begins. */
export interface RecordedFiles {
  readonly up: string
  readonly down: string
  readonly fromUs: number
}

/** The recording that a link plays: its own, or the scenario's unless it has a profile. */
export function recordedWith(scenario: Scenario, own: Scenario['link'] | undefined): RecordedFiles | undefined {
  const { up, down, fromMs = 0 } = own?.recorded ?? (own?.profile === undefined ? scenario.link.recorded : undefined) ?? {}
  return up === undefined || down === undefined ? undefined : { up, down, fromUs: microsecondsOf(fromMs) }
}

/** Every file that a link of the scenario plays, once, in the order of the scenario. */
export function recordedLinks(scenario: Scenario): readonly string[] {
  const links = [scenario.link, ...scenario.devices.map(({ link }) => link)]
  return [...new Set(links.flatMap((link) => {
    const files = recordedWith(scenario, link)
    return files === undefined ? [] : [files.up, files.down]
  }))]
}

/** The plan with what its run needs of the recordings that its links name. */
export function withRecordings(plan: Plan, traces: ReadonlyMap<string, DeliveryTrace>): Plan {
  const links = plan.devices.flatMap(({ link: { up, down } }) => [up, down])
  // Of each, how far into it the last of its links begins.
  const fromUs = new Map<string, number>()
  for (const { bottleneck } of links) {
    if (bottleneck === undefined || 'rateKbps' in bottleneck) continue
    fromUs.set(bottleneck.recording, Math.max(fromUs.get(bottleneck.recording) ?? 0, bottleneck.fromUs ?? 0))
  }
  if (fromUs.size === 0) return plan
  const lastUs = healedAtUs(plan) + 2 * boundsOf(plan, true, traces).horizonUs
  return { ...plan, recordings: [...fromUs].map(([source, us]) => checked(cutRecording({ ...traceNamed(source, traces), source }, us + lastUs))) }
}

function checked(recording: LinkRecording): LinkRecording {
  const { source, opportunities: { length } } = recording
  if (length <= MAX_RECORDING_CHARACTERS) return recording
  throw new BadInput({
    code: 'too-much', where: source, path: '',
    expected: `a recording of which a run needs at most ${MAX_RECORDING_CHARACTERS} characters as a plan writes it`, got: `${length} characters`,
  })
}
