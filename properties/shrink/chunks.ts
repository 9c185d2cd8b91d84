/**
 * Which parts of a list to leave out, largest first: halves, quarters, ... single items (the complements of
 * delta debugging; Zeller and Hildebrandt 2002, "Simplifying and isolating failure-inducing input").
 */
export interface Chunk {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** Chunks of a list of `length`, each a proper part of it except the first, which is all of it. */
export function* chunks(length: number): Generator<Chunk> {
  for (let size = length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < length; from += size) yield { from, to: Math.min(from + size, length) }
  }
}

/** The list without the chunk. */
export function withoutChunk<T>(items: readonly T[], { from, to }: Chunk): readonly T[] {
  return [...items.slice(0, from), ...items.slice(to)]
}
