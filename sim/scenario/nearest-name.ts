/** "Did you mean ...": the known name closest to a mistyped one. */

/**
 * The nearest of `names` by edit distance (insertions, deletions, substitutions, swapped neighbours), or
 * undefined where none is near enough to be meant: more than a third of the letters wrong, at least two allowed.
 * Letter case counts for nothing. Ties go to the earlier name. Failing that, the only name that begins so.
 */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const allowed = Math.max(2, Math.floor(typed.length / 3))
  let best: string | undefined
  let bestDistance = allowed + 1
  for (const name of names) {
    if (Math.abs(name.length - typed.length) >= bestDistance) continue
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase())
    // A distance as long as the name itself says only that both are short.
    if (distance < bestDistance && distance < name.length) {
      best = name
      bestDistance = distance
    }
  }
  if (best !== undefined || typed.length < 2) return best
  const longer = names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()))
  return longer.length === 1 ? longer[0] : undefined
}

/** `one of a, b, c`, with a suggestion where one is near. */
export function expectedName(typed: string, names: readonly string[]): string {
  const nearest = nearestName(typed, names)
  const list = names.length === 0 ? 'no name here' : `one of ${names.join(', ')}`
  return nearest === undefined ? list : `${list} (did you mean ${nearest}?)`
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) {
        table[i * width + j] = i + j
        continue
      }
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, at(i - 2, j - 2) + 1)
      table[i * width + j] = distance
    }
  }
  return at(a.length, b.length)
}
