/** The contract's rules that need no network: over the loopback, where nothing happens by itself. */
import type { Strategy, StrategyModule } from '../../sim/contract.ts'
import { withAmbient } from '../../sim/kernel/ambient.ts'
import { LOOPBACK_SERVER, type Loopback } from '../loopback.ts'
import { must, mustEqual, type ContractCheck } from './contract-check.ts'
import {
  connectedLoopback, naturals, playSession, settleDown, SUITE_DEVICES, SUITE_DOCUMENTS, supportedFields,
} from './contract-world.ts'
import { mustBeOneOutcome } from './outcomes.ts'
import { watchStrategy, type Watch } from './watched-strategy.ts'

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed)
const HOSTS = [...SUITE_DEVICES, LOOPBACK_SERVER]
/** Longer than any timer that a strategy arms. */
const LONG_MS = 600_000

export function loopbackChecks(module: StrategyModule): readonly ContractCheck[] {
  const fields = supportedFields(module)
  const initial = Object.fromEntries(fields.map(({ name, initial: content }) => [name, content]))

  return [
    {
      name: 'D01: the view shows an edit as soon as edit() returns, connected or not',
      run: (strategy) => {
        for (const seed of SEEDS) {
          const { strategy: watched, watch } = watchStrategy(strategy)
          playSession(module, watched, seed)
          must(watch.edits > 5, () => `only ${watch.edits} edits were made`)
        }
      },
    },
    {
      name: 'a view has every field of the types it works on, in declared order, from the start',
      run: (strategy) => {
        const net = connectedLoopback(strategy)
        for (const host of HOSTS) mustEqual(supportedPart(net, host, 'first', fields), initial, () => `the first view of ${host}`)
        const session = playSession(module, strategy, 1)
        const names = fields.map(({ name }) => name)
        for (const host of HOSTS) {
          for (const { id } of SUITE_DOCUMENTS) {
            const got = Object.keys(session.net.view(host, id)).filter((name) => names.includes(name))
            mustEqual(got, names, () => `fields in the view of ${id} on ${host}`)
          }
        }
      },
    },
    {
      name: 'P-OUTCOME: pending() is zero at the start and again when everything has arrived, and each edit has one outcome',
      run: (strategy) => {
        const fresh = connectedLoopback(strategy)
        for (const host of HOSTS) mustEqual(fresh.pending(host), 0, () => `pending() of ${host} before the first edit`)
        for (const seed of SEEDS) {
          const { net, handles } = playSession(module, strategy, seed)
          for (const handle of handles) mustBeOneOutcome(handle, net.settlements.get(handle) ?? [], module)
          for (const host of HOSTS) {
            const pending = net.pending(host)
            must(pending === 0 || pending === 'unknown', () => `${host} still has ${pending} edits pending when everything has arrived`)
          }
        }
      },
    },
    {
      name: 'R8: handles stay on their device: under other handles, every frame and request has the same bytes',
      run: (strategy) => {
        for (const seed of SEEDS.slice(0, 4)) {
          const [plain, renamed] = ['', 'a-much-longer-handle-'].map((prefix) => {
            const { strategy: watched, watch } = watchStrategy(strategy, prefix)
            playSession(module, watched, seed)
            return bytesSent(watch)
          })
          mustEqual(renamed, plain, () => `bytes sent in session ${seed} under other handles`)
        }
      },
    },
    {
      name: 'D3: clock and randomness come from the context: under other ambient ones nothing is shown or sent differently',
      run: (strategy) => {
        const [one, other] = [ambient(1_000, 1), ambient(9_999_999_999, 2)].map((source) => withAmbient(source, () => {
          const { strategy: watched, watch } = watchStrategy(strategy)
          const { net } = playSession(module, watched, 3)
          return [bytesSent(watch), HOSTS.map((host) => SUITE_DOCUMENTS.map(({ id }) => net.view(host, id)))]
        }))
        mustEqual(other, one, () => 'bytes and views under another ambient clock')
      },
    },
    {
      name: 'dispose is the end: nothing is sent, settled, written, armed or said afterwards',
      run: (strategy) => {
        for (const seed of SEEDS.slice(0, 4)) {
          const { strategy: watched, watch } = watchStrategy(strategy)
          const { net } = playSession(module, watched, seed)
          const field = fields[0]
          for (const device of SUITE_DEVICES) net.edit(device, 'first', field.name, editOf(field.type, `last of ${device}`))
          for (let steps = 0; steps < seed; steps++) net.step(() => 0)
          for (const node of watch.nodes) node.dispose()
          for (let choice = syncOf(net); choice !== undefined; choice = syncOf(net)) net.happen(choice)
          net.advance(LONG_MS)
          mustEqual(watch.afterDispose, [], () => 'what disposed nodes did')
        }
      },
    },
    {
      name: 'documents are apart: edits of one show in no other',
      run: (strategy) => {
        for (const seed of SEEDS.slice(0, 4)) {
          const { net } = playSession(module, strategy, seed, ['second'])
          for (const host of HOSTS) {
            mustEqual(supportedPart(net, host, 'first', fields), initial, () => `the view of a document that nobody edited, on ${host}`)
          }
          must(HOSTS.some((host) => JSON.stringify(supportedPart(net, host, 'second', fields)) !== JSON.stringify(initial)),
            () => 'the edited document shows no edit')
        }
      },
    },
    {
      name: 'bytes that no peer can have sent end the session or are ignored: received() does not throw, and the next session works',
      run: (strategy) => {
        SEEDS.forEach((seed) => {
          for (const to of ['authority', 'replica'] as const) hearNonsense(module, strategy, seed, to)
        })
      },
    },
    {
      name: 'R5: what the strategy settled survives a restart of the server, and a restarted device shows what all show',
      run: (strategy) => {
        for (const seed of SEEDS.slice(0, 6)) {
          const { net } = playSession(module, strategy, seed)
          const before = SUITE_DOCUMENTS.map(({ id }) => supportedPart(net, LOOPBACK_SERVER, id, fields))
          net.restart(LOOPBACK_SERVER)
          net.restart(SUITE_DEVICES[0])
          settleDown(net)
          for (const host of [LOOPBACK_SERVER, SUITE_DEVICES[0]]) {
            mustEqual(SUITE_DOCUMENTS.map(({ id }) => supportedPart(net, host, id, fields)), before, () => `the views of ${host} after a restart`)
          }
        }
      },
    },
  ]
}

function supportedPart(net: Loopback, host: string, document: string, fields: readonly { readonly name: string }[]): unknown {
  const view = net.view(host, document)
  return Object.fromEntries(fields.map(({ name }) => [name, view[name]]))
}

function bytesSent(watch: Watch): readonly string[] { return watch.sent.map(({ host, bytes }) => `${host}: ${bytes.join()}`) }

function editOf(type: string, value: string) {
  return type === 'register' ? { op: 'set' as const, value } : { op: 'splice' as const, at: 0, removed: '', inserted: value }
}

function syncOf(net: Loopback) { return net.choices().find(({ kind }) => kind === 'sync') }

function ambient(nowMs: number, seed: number) {
  const draws = naturals(seed, 4_096)
  let next = 0
  return { nowMs: () => nowMs, monotonicMs: () => nowMs, random: () => (draws[next++ % draws.length] % 4_096) / 4_096 }
}

/** Broken bytes of many kinds reach one end; afterwards a device that heard none of them makes an edit. */
function hearNonsense(module: StrategyModule, strategy: Strategy, seed: number, to: 'authority' | 'replica'): void {
  const victim = SUITE_DEVICES[1]
  const net = connectedLoopback(strategy)
  const noise = naturals(seed + 100, 64)
  const heard = (bytes: Uint8Array): void => {
    net.inject(victim, to, bytes)
    settleDown(net)
  }
  heard(new Uint8Array(0))
  heard(Uint8Array.from(noise.slice(0, 1 + seed * 4), (value) => value & 0xff))
  heard(Uint8Array.from({ length: 12 }, () => 0xff))
  // A real frame, cut and with something behind it.
  net.drop(victim)
  net.reconnect(victim)
  const real = net.peek(victim, to)
  if (real !== undefined) {
    for (const length of [1, real.length >> 1, real.length - 1]) heard(real.slice(0, length))
    heard(Uint8Array.from([...real, 0, 1, 2]))
  }
  const field = supportedFields(module)[0]
  const handle = net.edit(SUITE_DEVICES[0], 'first', field.name, editOf(field.type, 'afterwards'))
  settleDown(net)
  mustBeOneOutcome(handle, net.settlements.get(handle) ?? [], module)
}
