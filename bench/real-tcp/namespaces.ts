/** Two network namespaces of this run's own, and whether this machine can have them. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { wsPackage } from './ws-package.ts'

const PREFIX = 'syncstorm-tcp'

/** No memory of earlier connections to the same host: a connection of the model has none. */
const SETTINGS = { 'net.ipv4.tcp_no_metrics_save': '1' } as const

export interface Namespaces {
  readonly client: string
  readonly server: string
  /** Retries of SYN one second apart; older kernels have no such setting and double at once. */
  readonly synLinearTimeouts: number
  remove(): void
}

/** What is missing here, or null. */
export function whatIsMissing(): string | null {
  if (process.platform !== 'linux') return 'Linux'
  if (process.getuid?.() !== 0) return 'root'
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    return '/dev/net/tun'
  }
  for (const [command, option] of [['ip', '-V'], ['python3', '-V'], ['sysctl', '-V']] as const) {
    try {
      execFileSync(command, [option], { stdio: 'ignore' })
    } catch {
      return command
    }
  }
  return wsPackage() === undefined ? 'the ws package (npm install, or NODE_PATH)' : null
}

/** @throws where the kernel refuses namespaces */
export function makeNamespaces(): Namespaces {
  removeLeftovers()
  const [client, server] = ['client', 'server'].map((end) => `${PREFIX}-${process.pid}-${end}`)
  const remove = (): void => {
    for (const name of existing()) if (name === client || name === server) execFileSync('ip', ['netns', 'delete', name])
  }
  try {
    for (const name of [client, server]) {
      execFileSync('ip', ['netns', 'add', name])
      for (const [key, value] of Object.entries(SETTINGS)) inside(name, ['sysctl', '-qw', `${key}=${value}`])
    }
    return { client, server, synLinearTimeouts: synLinearTimeouts(client), remove }
  } catch (error) {
    remove()
    throw error
  }
}

const inside = (namespace: string, command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

function synLinearTimeouts(namespace: string): number {
  try {
    return Number(inside(namespace, ['sysctl', '-n', 'net.ipv4.tcp_syn_linear_timeouts']))
  } catch {
    return 0
  }
}

const existing = (): readonly string[] => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  .split('\n').map((line) => line.split(' ')[0]).filter((name) => name.startsWith(`${PREFIX}-`))

/** A run that was killed outright leaves its namespaces behind, empty. */
function removeLeftovers(): void {
  for (const name of existing()) {
    if (!isRunning(Number(name.slice(PREFIX.length).split('-')[1]))) execFileSync('ip', ['netns', 'delete', name])
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
