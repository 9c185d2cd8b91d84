/** What keyed draws are made for; the first word of every key (D4). Numbers are never reused. */
export const DRAW = {
  latency: 1,
  service: 2,
  fanOut: 3,
} as const
