/**
 * A world of hosts without devices or gateway, for tests of its parts: kernel, recorder, quiescence, links.
 * Everything is real; nothing runs but what the test schedules.
 */
import { Quiescence } from '../history/quiescence.ts'
import { Recorder } from '../history/recorder.ts'
import type { FrameEvent } from '../history/events.ts'
import { ViewRecorder } from '../history/view-recorder.ts'
import { Host, type World } from '../host/host.ts'
import { Strikes } from '../host/strikes.ts'
import { Kernel } from '../kernel/kernel.ts'
import { KeyedRandom } from '../kernel/keyed-random.ts'
import { masterKey } from '../kernel/seed.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { TraceDigest, type TraceEntry } from '../kernel/trace-digest.ts'
import { AccessLink } from '../network/access-link.ts'
import { jitteredLink, type LinkPlan } from '../scenario/link-plan.ts'
import type { DocumentShape, HostId } from '../values.ts'

export interface TestWorld {
  readonly world: World
  readonly kernel: Kernel
  /** Device `A`, unless named otherwise, then the others, then `server`. */
  readonly hosts: readonly Host[]
  readonly link: AccessLink
  /** The draws of the world's seed, for more links. */
  readonly weather: KeyedRandom
  readonly trace: readonly TraceEntry[]
  hex(): string
  /** Handles everything up to this time. */
  until(atUs: number): void
  frames(state: FrameEvent['state']): readonly FrameEvent[]
}

export interface TestWorldOptions {
  readonly ids?: readonly HostId[]
  readonly seed?: string
  readonly link?: LinkPlan
  readonly documents?: readonly DocumentShape[]
  readonly clockOffsetUs?: number
}

export function makeTestWorld(options: TestWorldOptions = {}): TestWorld {
  const { ids = ['A', 'server'], seed = '1', link = jitteredLink(10_000, 0), documents = [], clockOffsetUs = 0 } = options
  const kernel = new Kernel()
  const nowUs = (): number => kernel.nowUs
  const trace: TraceEntry[] = []
  const digest = new TraceDigest(new Sha256(), (entry) => { trace.push(entry) })
  const recorder = new Recorder(digest, ids)
  const key = masterKey(seed)
  const world: World = {
    kernel, masterKey: key, recorder, quiescence: new Quiescence(ids, nowUs), cause: { current: null },
    views: new ViewRecorder(documents, recorder, nowUs), strikes: new Strikes(kernel, recorder, Number.MAX_SAFE_INTEGER),
  }
  const weather = new KeyedRandom(key)
  return {
    world, kernel, weather, trace,
    hosts: ids.map((id, index) => new Host(world, id, index, clockOffsetUs)),
    link: new AccessLink(0, link, kernel, weather),
    hex: () => digest.hex(),
    until: (atUs) => {
      kernel.at(atUs, () => undefined)
      kernel.run({ untilUs: atUs })
    },
    frames: (state) => recorder.events.filter((event): event is FrameEvent => event.kind === 'frame' && event.state === state),
  }
}
