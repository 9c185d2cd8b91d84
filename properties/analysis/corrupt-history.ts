/** Thrown when a history contradicts itself, so that no verdict on it could mean anything. */
export class CorruptHistory extends Error {
  readonly code = 'corrupt-history'
  override readonly name = 'CorruptHistory'
}
