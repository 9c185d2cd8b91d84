/** The first index whose element satisfies a predicate that is false, then true, along the row; its length if there is none. */
export function firstIndex<T>(row: readonly T[], isTrue: (element: T) => boolean): number {
  let low = 0
  let high = row.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const element = row[middle]
    if (element !== undefined && isTrue(element)) high = middle
    else low = middle + 1
  }
  return low
}
