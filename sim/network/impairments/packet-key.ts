/**
 * What names a packet's fate (D4): the 10 ms slot in which it entered the link and its place among the packets
 * of that slot; or, for a retransmission, the segment it carries and which attempt it is.
 *
 * The two kinds share one key space: segments begin beyond the last slot of any run. A packet with a key of
 * its own takes no place in its slot.
 */
const SLOT_US = 10_000
/** Virtual time ends at 2^53 microseconds, which is below slot 2^40. */
const FIRST_SEGMENT = 0x2000_0000_0000 // 2^45
const MAX_SEGMENT = FIRST_SEGMENT - 1

export interface PacketKey {
  readonly slot: number
  readonly ordinal: number
}

/** Names a retransmission; `segment` must be unique on its link's direction, `attempt` counts from 1. */
export interface Retransmission {
  readonly segment: number
  readonly attempt: number
}

/** Gives the packets of one direction their keys, in the order in which they enter. */
export class PacketKeys {
  #slot = -1
  #next = 0

  next(nowUs: number): PacketKey {
    const slot = Math.floor(nowUs / SLOT_US)
    if (slot !== this.#slot) {
      this.#slot = slot
      this.#next = 0
    }
    return { slot, ordinal: this.#next++ }
  }
}

/** @throws RangeError for a segment or attempt that is not a whole number, or a segment of 2^45 or more */
export function retransmissionKey({ segment, attempt }: Retransmission): PacketKey {
  if (!(segment >= 0 && segment <= MAX_SEGMENT) || !Number.isInteger(segment) || !(attempt >= 0) || !Number.isSafeInteger(attempt)) {
    throw new RangeError(`a retransmission is named by whole numbers, got segment ${segment}, attempt ${attempt}`)
  }
  return { slot: FIRST_SEGMENT + segment, ordinal: attempt }
}

/** `link 4, slot 120, third packet` is `4/120.2`; `link 4, segment 57, second attempt` is `4/s57.2`. */
export function fateId(link: number, { slot, ordinal }: PacketKey): string {
  return slot < FIRST_SEGMENT ? `${link}/${slot}.${ordinal}` : `${link}/s${slot - FIRST_SEGMENT}.${ordinal}`
}
