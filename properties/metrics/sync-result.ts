/** What can be said of one edit's way to the authority and to every screen. */
/** True times in microseconds; null for what had not happened when the history ended. */
export interface SyncTime {
  readonly durableUs: number | null
  readonly everywhereUs: number | null
}

/** `never-shown`, and `untold`: nothing of the edit can be told apart from others. */
export type SyncResult = SyncTime | 'never-shown' | 'untold'

export const NOT_YET: SyncTime = { durableUs: null, everywhereUs: null }

/** The latest of several times; null if one of them has not come. */
export function latest(times: readonly (number | undefined)[]): number | null {
  let last = 0
  for (const time of times) {
    if (time === undefined) return null
    last = Math.max(last, time)
  }
  return last
}
