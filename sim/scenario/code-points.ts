/**
 * Unique code points for inserted characters, so that a text alone tells which edits it reflects (design section 4).
 *
 * 74,936 assigned code points without surrogates, combining marks or anything that normalises to something
 * else: letters, CJK ideographs, Hangul syllables, and ideographs of the supplementary plane. They come in
 * groups of four, three from the basic plane and one supplementary, so that code that counts UTF-16 units
 * meets a surrogate pair early; when the basic plane is used up, groups are supplementary throughout. The
 * groups are dealt to eight disjoint alphabets, so that text streams do not disturb each other (D4); the
 * letters all go to alphabet 0, because most scenarios have one text stream and people read its texts.
 */
import { BadInput } from '../bad-input.ts'

/** Number of disjoint alphabets. */
export const ALPHABETS = 8

const BASIC = [range(0x61, 0x7a), range(0x41, 0x5a), range(0x4e00, 0x9fff), range(0xac00, 0xd7a3)]
const SUPPLEMENTARY = range(0x20000, 0x2a6df)
const GROUP = 4
const BASIC_COUNT = BASIC.reduce((sum, part) => sum + part.count, 0)
/** Groups with three code points of the basic plane in them. */
const MIXED_GROUPS = Math.floor(BASIC_COUNT / (GROUP - 1))
const GROUPS = MIXED_GROUPS + Math.floor((SUPPLEMENTARY.count - MIXED_GROUPS) / GROUP)
/** The groups with the 52 letters in them. */
const LETTER_GROUPS = 18

/** All code points there are. */
export const CODE_POINT_COUNT = GROUPS * GROUP

interface CodePointRange { readonly first: number; readonly count: number }

function range(first: number, last: number): CodePointRange {
  return { first, count: last - first + 1 }
}

/** Hands out the code points of one alphabet, each once. */
export class CodePointAllocator {
  private next = 0

  /**
   * @param alphabet 0 to 7, or `all` where one source of text is alone in the run
   * @param reserved code points that already stand somewhere and must not come again
   * @param where names the scenario, for the message when there are no more
   */
  constructor(
    private readonly alphabet: number | 'all',
    private readonly reserved: ReadonlySet<string>,
    private readonly where: string,
  ) {}

  /** `count` new code points, as a text. Throws `BadInput` when the alphabet is used up. */
  take(count: number): string {
    let text = ''
    for (let taken = 0; taken < count;) {
      const point = this.pointAt(this.next++)
      if (this.reserved.has(point)) continue
      text += point
      taken++
    }
    return text
  }

  private pointAt(index: number): string {
    const group = groupOf(this.alphabet, Math.floor(index / GROUP))
    if (group >= GROUPS) {
      throw new BadInput({
        code: 'too-much', where: this.where, path: 'workload',
        expected: `at most ${index} inserted characters from one alphabet (each is a different code point)`, got: 'more',
      })
    }
    return String.fromCodePoint(codePoint(group, index % GROUP))
  }
}

function groupOf(alphabet: number | 'all', ordinal: number): number {
  if (alphabet === 'all') return ordinal
  if (alphabet === 0 && ordinal < LETTER_GROUPS) return ordinal
  const shared = alphabet === 0 ? ordinal - LETTER_GROUPS : ordinal
  return LETTER_GROUPS + shared * ALPHABETS + alphabet
}

function codePoint(group: number, place: number): number {
  if (group >= MIXED_GROUPS) return SUPPLEMENTARY.first + MIXED_GROUPS + (group - MIXED_GROUPS) * GROUP + place
  if (place === GROUP - 1) return SUPPLEMENTARY.first + group
  let ordinal = group * (GROUP - 1) + place
  for (const part of BASIC) {
    if (ordinal < part.count) return part.first + ordinal
    ordinal -= part.count
  }
  throw new RangeError(`no code point ${place} in group ${group}`)
}
