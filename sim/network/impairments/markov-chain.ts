/**
 * A finite Markov chain whose state at a step is a function of the key alone, whoever asked before (D4).
 *
 * It is defined as the chain that starts in state 0 at step 0 and moves by one keyed draw per step. Nobody wants
 * to walk 24 hours of steps to learn today's state, so it is found from behind: the moves of the last steps are
 * composed, one earlier step at a time, until they lead to one and the same state wherever they begin (the
 * coupling of Propp and Wilson, "Exact sampling with coupled Markov chains", 1996), or to the last state known.
 * A loss chain forgets within a few mean run lengths; a chain that never forgets costs the walk.
 */
import type { Dice } from './dice.ts'

export type Move = (state: number, uint32: number) => number

export class MarkovChain {
  #knownStep = -1
  #knownState = 0
  /** Where the moves composed so far lead, per state they begin in. */
  #leadsTo: Uint8Array
  #scratch: Uint8Array
  readonly #dice: Dice
  readonly #purpose: number
  readonly #move: Move

  /** @param states how many, at most 255; `move` returns 0 .. states - 1 */
  constructor(dice: Dice, purpose: number, states: number, move: Move) {
    this.#dice = dice
    this.#purpose = purpose
    this.#move = move
    this.#leadsTo = new Uint8Array(states)
    this.#scratch = new Uint8Array(states)
  }

  stateAt(step: number): number {
    if (step !== this.#knownStep) {
      this.#knownState = step > this.#knownStep ? this.#search(step, this.#knownStep, this.#knownState) : this.#search(step, -1, 0)
      this.#knownStep = step
    }
    return this.#knownState
  }

  /** The state at `step`, given the state at an earlier one (or -1: before the first move). */
  #search(step: number, fromStep: number, fromState: number): number {
    for (let state = 0; state < this.#leadsTo.length; state++) this.#leadsTo[state] = state
    for (let at = step; at > fromStep; at--) {
      const draw = this.#dice.ofStep(this.#purpose, at)
      let isOne = true
      for (let state = 0; state < this.#leadsTo.length; state++) {
        this.#scratch[state] = this.#leadsTo[this.#move(state, draw)]
        isOne &&= this.#scratch[state] === this.#scratch[0]
      }
      const composed = this.#scratch
      this.#scratch = this.#leadsTo
      this.#leadsTo = composed
      if (isOne) return composed[0]
    }
    return this.#leadsTo[fromState]
  }
}
