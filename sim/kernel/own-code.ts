/**
 * Tells our own code from a library's, by the file of the nearest calling frame: own is what lies in `sim/`,
 * `strategies/` or `properties/` of the tree this module lies in, and below no `node_modules` in there. Works
 * from sources, from `dist/`, and from an installed package; in a bundle of everything nothing counts as own.
 */
const ROOT = plainPath(import.meta.url).replace(/sim\/kernel\/[^/]*$/, '')
const OWN_FOLDERS = ['sim/', 'strategies/', 'properties/']
/** Enough to look past built-in functions that call back, such as `Array.from` with `Math.random`. */
const FRAMES = 8

/**
 * Throws when the function that called `shim` is our own code.
 * @param shim the replaced function; frames above it are not looked at
 * @param name what was called, for the message
 */
export function refuseOwnCode(shim: object, name: string): void {
  const caller = callerOf(shim)
  if (caller === null || !isOwnFile(caller.file)) return
  throw new Error(
    `${name} was called during a run by ${caller.at}: code of the simulation takes time, randomness and timers from its context`,
  )
}

/** @param file a path or file URL */
export function isOwnFile(file: string): boolean {
  const path = plainPath(file)
  if (!path.startsWith(ROOT)) return false
  const inside = path.slice(ROOT.length)
  return OWN_FOLDERS.some((folder) => inside.startsWith(folder)) && !inside.includes('/node_modules/')
}

interface Caller { readonly file: string; readonly at: string }

function callerOf(shim: object): Caller | null {
  // V8's call sites: cheaper than a formatted stack, and not rewritten by source maps.
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = FRAMES
    Error.prepareStackTrace = (_error, sites) => sites
    if (typeof Error.captureStackTrace !== 'function') return callerInText(new Error().stack ?? '')
    Error.captureStackTrace(holder, shim as () => void)
    const sites = holder.stack as readonly NodeJS.CallSite[]
    for (const site of sites) {
      const file = site.getScriptNameOrSourceURL() as string | undefined
      if (!file) continue
      return { file, at: `${site.getFunctionName() ?? 'top level'} (${file}:${site.getLineNumber()}:${site.getColumnNumber()})` }
    }
    return null
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Engines without call sites: the first frame outside the kernel's ambient files. */
export function callerInText(stack: string): Caller | null {
  for (const line of stack.split('\n')) {
    const match = /([a-z]+:\/\/[^\s()]+?|\/[^\s()]+?):(\d+):(\d+)\)?$/.exec(line.trim())
    if (match === null || /\/sim\/kernel\/(own-code|ambient[a-z-]*)\.[jt]s$/.test(match[1])) continue
    return { file: match[1], at: line.trim() }
  }
  return null
}

/** Without scheme, query and escapes, with forward slashes. */
function plainPath(file: string): string {
  const path = file.replace(/^file:\/\//, '').replace(/[?#].*$/, '').replaceAll('\\', '/')
  const rooted = path.startsWith('/') || path.includes('://') ? path : `/${path}`
  try {
    return decodeURI(rooted)
  } catch {
    // A plain path with a per cent sign in it is its own plain form.
    return rooted
  }
}
