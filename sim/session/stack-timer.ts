/** How the client stack's parts wait: injected, in microseconds, so that they never see a clock of their own. */
import type { Cancel } from '../contract.ts'

/** `background` timers (delayed acknowledgements, heartbeats) do not keep the world from being quiet (H3). */
export type StackTimer = (delayUs: number, run: () => void, options?: { readonly background?: boolean }) => Cancel
