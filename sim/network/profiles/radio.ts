/**
 * How long a device's radio stays on after it has sent or received something, by kind (requirements A14).
 *
 * Networks leave a radio connected for a while, in case more comes; on phones that tail takes most of the energy of
 * small transfers. The tails are those of measured networks; operators set them as they like. Not modelled: the power
 * drawn in each state, the time a sleeping radio takes to connect (0.26 s on LTE and 0.58 s on 3G in the same study),
 * paging, fast dormancy.
 */
export const RADIO_KINDS = ['none', 'wifi', 'lte', '3g', '2g'] as const
export type RadioKind = (typeof RADIO_KINDS)[number]

const TAIL_MS: Readonly<Record<RadioKind, number>> = {
  none: 0,
  /** Huang et al., "A Close Examination of Performance and Power Characteristics of 4G LTE Networks", MobiSys 2012, table 3. */
  wifi: 238,
  lte: 11_576,
  /** DCH 5 s, then FACH 12 s: Qian et al., "Characterizing Radio Resource Allocation for 3G Networks", IMC 2010, carrier 1. */
  '3g': 17_000,
  /** GSM: Balasubramanian et al., "Energy Consumption in Mobile Phones", IMC 2009. */
  '2g': 6_000,
}

/** In microseconds. */
export function radioTailUs(kind: RadioKind): number { return TAIL_MS[kind] * 1000 }
