/** The contract's rules over the real world: small plans with every kind of fault, and the stack's parts on and off. */
import type { FieldValue, Settlement, StackPart, Strategy, StrategyModule } from '../../sim/contract.ts'
import type { Run } from '../../sim/history/run-record.ts'
import { Sha256 } from '../../sim/kernel/sha256.ts'
import { runPlan } from '../../sim/run.ts'
import type { LinkPlan } from '../../sim/scenario/link-plan.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { must, mustEqual, type ContractCheck } from './contract-check.ts'
import { suitePlan, supportedFields } from './contract-world.ts'
import { mustBeOneOutcome } from './outcomes.ts'
import { watchStrategy } from './watched-strategy.ts'

const SEEDS = [1, 2, 3]

export function worldChecks(module: StrategyModule): readonly ContractCheck[] {
  return [
    ...(module.delivery !== 'datagrams' ? [] : [{
      name: 'R3: one that bears datagrams owns resume, since the stack\'s part for it demands a stream',
      run: () => must(module.owns.has('resume'), () => `${module.name} bears datagrams and leaves resume to the stack`),
    }]),
    {
      name: 'D1: one plan gives one digest',
      run: (strategy) => {
        for (const seed of SEEDS) mustEqual(play(module, strategy, suitePlan(seed)).digest, play(module, strategy, suitePlan(seed)).digest, () => `digest of seed ${seed}`)
      },
    },
    {
      name: 'R8: in the world, too, other handles change no byte',
      run: (strategy) => {
        const [plain, renamed] = ['', 'another-'].map((prefix) => {
          const { strategy: watched, watch } = watchStrategy(strategy, prefix)
          play(module, watched, suitePlan(4))
          return watch.sent.map(({ host, bytes }) => `${host}: ${bytes.join()}`)
        })
        mustEqual(renamed, plain, () => 'bytes sent under other handles')
      },
    },
    ...variantsOf(module).map(({ name, owns, change }) => ({
      name: `P-LIVE, P-OUTCOME: ${name}, a run with breaks, partitions and times offline ends quiet and each edit has one outcome`,
      run: (strategy: Strategy): void => {
        for (const seed of SEEDS) {
          const { strategy: watched, watch } = watchStrategy(strategy)
          mustEndWell(play({ ...module, owns }, watched, change(suitePlan(seed))), module)
          mustEqual(watch.afterDispose, [], () => 'what disposed nodes did')
        }
      },
    })),
  ]
}

function play(module: StrategyModule, strategy: Strategy, plan: Plan): Run {
  return runPlan(plan, module, strategy, { createHasher: () => new Sha256(), maxEvents: 1_000_000 })
}

interface Variant {
  readonly name: string
  readonly owns: ReadonlySet<StackPart>
  change(plan: Plan): Plan
}

/** The parts of the stack that can be there or not, whoever owns what: resume, dedup, and how news are fetched. */
function variantsOf({ owns, delivery }: StrategyModule): readonly Variant[] {
  const without = (part: StackPart): ReadonlySet<StackPart> => new Set([...owns].filter((one) => one !== part))
  const asIs = (plan: Plan): Plan => plan
  const withWindow = (plan: Plan): Plan => ({ ...plan, server: { ...plan.server, retainedFrames: 1 } })
  const immediate = (plan: Plan): Plan => ({ ...plan, client: { ...plan.client, invalidation: 'immediate' } })
  const overDatagrams = (plan: Plan): Plan => ({ ...plan, transport: 'datagram', devices: plan.devices.map((device) => ({ ...device, link: roughLink(device.link) })) })
  return [
    ...(delivery === 'datagrams' ? [{ name: 'over datagrams, one in five lost, some twice, in no order', owns, change: overDatagrams }] : []),
    { name: 'with the stack as declared', owns, change: asIs },
    { name: 'with the stack\'s resume part', owns: without('resume'), change: asIs },
    { name: 'with a resume part that retains one frame', owns: without('resume'), change: withWindow },
    { name: 'without the stack\'s resume part', owns: new Set([...owns, 'resume' as const]), change: asIs },
    ...(owns.has('dedup') ? [{ name: 'with the gateway\'s dedup', owns: without('dedup'), change: asIs }] : []),
    ...(owns.has('invalidation') ? [] : [{ name: 'with every change signal fetched at once', owns, change: immediate }]),
  ]
}

function roughLink({ up, down }: LinkPlan): LinkPlan {
  const rough = { loss: { model: 'random', probability: 0.2 }, duplicate: { probability: 0.1 }, keepsOrder: false } as const
  return { up: { ...up, ...rough }, down: { ...down, ...rough } }
}

function mustEndWell(run: Run, module: StrategyModule): void {
  const { events } = run.history
  const end = events.at(-1)
  must(end?.kind === 'quiet' && end.result === 'quiet', () => `not quiet: ${end?.kind === 'quiet' ? `${end.result}, ${end.pending.join('; ')}` : 'no end'}`)
  const said = new Map<string, Settlement[]>()
  for (const event of events) {
    if (event.kind === 'edit') said.set(event.edit, [])
    if (event.kind === 'settled') said.get(event.edit)?.push(event.level)
    if (event.kind === 'rejected') said.get(event.edit)?.push({ rejected: event.reason })
    if (event.kind === 'merged') said.get(event.edit)?.push({ merged: event.rule })
  }
  must(said.size > 10, () => `only ${said.size} edits were made`)
  for (const [edit, outcomes] of said) mustBeOneOutcome(edit, outcomes, module)
  const { reconnections, faultsThatHit } = run.coverage
  must(reconnections > 0 && faultsThatHit > 0, () => `the weather did nothing: ${reconnections} reconnections, ${faultsThatHit} faults that hit`)
  if (module.claims.some(({ property, claim }) => property === 'convergence' && claim !== 'holds')) return
  const { devices, servers } = run.history.header
  const finals = finalViews(run, module)
  for (const host of [...devices, ...servers]) mustEqual(finals.get(host), finals.get(servers[0]), () => `what ${host} shows in the end`)
}

/** What each host shows in the end, from the recorded changes. */
function finalViews(run: Run, module: StrategyModule): ReadonlyMap<string, readonly (readonly [string, FieldValue])[]> {
  const { devices, servers, documents } = run.history.header
  const supported = supportedFields(module)
  return new Map([...devices, ...servers].map((host) => {
    const shown = new Map<string, FieldValue>(documents.flatMap(({ id }) => supported.map(({ name, initial }) => [`${id}/${name}`, initial] as const)))
    for (const event of run.history.events) {
      if (event.kind !== 'view' || event.host !== host) continue
      const key = `${event.document}/${event.field}`
      const { change } = event
      const text = shown.get(key) ?? ''
      shown.set(key, change.op === 'set' ? change.value
        : text.slice(0, change.at) + change.inserted + text.slice(change.at + change.removed.length))
    }
    return [host, [...shown]] as const
  }))
}
