/**
 * A text under many small splices: a list of short chunks, so that a splice costs the number of chunks
 * plus one chunk's length instead of the whole text. Positions are UTF-16 units, as in view events.
 *
 * It leaves out balancing: with 100,000 units there are about a hundred chunks, and walking them is
 * cheaper than keeping a tree.
 */
import { CorruptHistory } from './corrupt-history.ts'

const CHUNK_UNITS = 1024

export class TextBuffer {
  #chunks: string[]

  constructor(text: string) {
    this.#chunks = chunksOf(text)
  }

  /** Replaces `removed`, which must stand at `at`, by `inserted`. */
  splice(at: number, removed: string, inserted: string): void {
    let index = 0
    let offset = at
    while (index < this.#chunks.length && offset > this.#chunk(index).length) {
      offset -= this.#chunk(index).length
      index += 1
    }
    let last = index
    let span = index < this.#chunks.length ? this.#chunk(index) : ''
    while (span.length < offset + removed.length && last + 1 < this.#chunks.length) {
      last += 1
      span += this.#chunk(last)
    }
    if (at < 0 || offset > span.length || !span.startsWith(removed, offset)) {
      throw new CorruptHistory(`a view splice at ${at} removes ${JSON.stringify(removed)}, which does not stand there`)
    }
    const changed = span.slice(0, offset) + inserted + span.slice(offset + removed.length)
    this.#chunks.splice(index, last - index + 1, ...chunksOf(changed))
  }

  toString(): string {
    return this.#chunks.join('')
  }

  #chunk(index: number): string {
    return this.#chunks[index] ?? ''
  }
}

function chunksOf(text: string): string[] {
  if (text.length <= 2 * CHUNK_UNITS) return text === '' ? [] : [text]
  const chunks: string[] = []
  for (let from = 0; from < text.length; from += CHUNK_UNITS) chunks.push(text.slice(from, from + CHUNK_UNITS))
  return chunks
}
