/** Candidates whose intentions say less: shorter texts, shorter removals, places that need no explaining. */
import type { IntentionAction, Place, Plan } from '../../sim/scenario/plan.ts'
import { isMeaningful, placeRank } from './plan-weight.ts'
import { withIntentions } from './restrict-plan.ts'

type Replace = Extract<IntentionAction, { readonly op: 'replace' }>

/** All intentions at once, then one by one. */
export function* withSimplerActions(plan: Plan): Generator<Plan> {
  const all = plan.intentions.map((intention) => ({ ...intention, action: simplest(intention.action) }))
  if (all.some(({ action }, index) => isSimpler(action, plan.intentions[index].action))) yield withIntentions(plan, all)
  for (const [index, intention] of plan.intentions.entries()) {
    if (intention.action.op !== 'replace') continue
    for (const action of simplerReplaces(intention.action)) {
      yield withIntentions(plan, plan.intentions.with(index, { ...intention, action }))
    }
  }
}

/** One code point at the end; a mere removal takes one. */
function simplest(action: IntentionAction): IntentionAction {
  if (action.op === 'set') return action
  const [first] = action.insert
  if (first === undefined) return { ...action, remove: Math.min(action.remove, 1) }
  return { ...action, place: { kind: 'end' }, remove: 0, insert: first }
}

function isSimpler(action: IntentionAction, than: IntentionAction): boolean {
  if (action.op === 'set' || than.op === 'set') return false
  return action.insert.length < than.insert.length || action.remove < than.remove || placeRank(action.place) < placeRank(than.place)
}

function* simplerReplaces(action: Replace): Generator<Replace> {
  const points = Array.from(action.insert)
  const inserts = new Set([0, 1, Math.floor(points.length / 2), points.length - 1].filter((length) => length >= 0 && length < points.length))
  for (const length of inserts) {
    const candidate = { ...action, insert: points.slice(0, length).join('') }
    if (isMeaningful(candidate)) yield candidate
  }
  const removals = new Set([0, 1, Math.floor(action.remove / 2), action.remove - 1].filter((remove) => remove >= 0 && remove < action.remove))
  for (const remove of removals) {
    const candidate = { ...action, remove }
    if (isMeaningful(candidate)) yield candidate
  }
  for (const place of simplerPlaces(action.place)) yield { ...action, place }
}

function* simplerPlaces(place: Place): Generator<Place> {
  const simple: readonly Place[] = [{ kind: 'end' }, { kind: 'start' }]
  yield* simple.filter((candidate) => placeRank(candidate) < placeRank(place))
  if (place.kind !== 'at') return
  const positions = new Set([0, 1, Math.floor(place.position / 2), place.position - 1])
  for (const position of positions) {
    if (position >= 0 && position < place.position) yield { kind: 'at', position }
  }
}
