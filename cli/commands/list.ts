/** `list <kind>`: what there is, one line each. */
import type { Command } from 'commander'
import type { ListEntry } from '../../reports/documents/list-document.ts'
import type { CommandContext } from '../command-context.ts'

export const LIST_KINDS = [
  'strategies', 'scenarios', 'transports', 'profiles', 'properties', 'faults', 'workloads', 'client-parts', 'experiments', 'mutants',
] as const
export type ListKind = (typeof LIST_KINDS)[number]

export function registerList(program: Command, context: CommandContext): void {
  program.command('list')
    .description('What there is, one line each')
    .argument('<kind>', LIST_KINDS.join(', '))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', [
      '', 'Examples:', `  ${context.self} list strategies`, `  ${context.self} list scenarios --json`, '',
    ].join('\n'))
    .action(async (kind: string, options: { readonly json?: true }) => {
      const [{ BadInput }, { expectedName }] = await Promise.all([
        import('../../sim/bad-input.ts'), import('../../sim/scenario/nearest-name.ts'),
      ])
      const known = LIST_KINDS.find((name) => name === kind)
      if (known === undefined) {
        throw new BadInput({ code: 'unknown-name', where: 'list', path: '', expected: expectedName(kind, LIST_KINDS), got: JSON.stringify(kind) })
      }
      await printList(known, await entriesOf(known), options.json === true, context)
    })
}

async function entriesOf(kind: ListKind): Promise<readonly ListEntry[]> {
  switch (kind) {
    case 'strategies': {
      const { loadStrategyModules } = await import('../loading/load-strategies.ts')
      return (await loadStrategyModules()).map(({ name, summary, types, topology, claims }) =>
        ({ name, summary, types: { ...types }, topology: [...topology], claims: claims.map((claim) => ({ ...claim })) }))
    }
    case 'scenarios': {
      const { catalogue } = await import('../../sim/index.ts')
      return catalogue().map(({ name, summary, covers }) => ({ name, summary, covers: [...covers] }))
    }
    case 'properties': {
      const { properties } = await import('../../properties/index.ts')
      return properties.map(({ name, id, summary, scope }) => ({ name, summary, id, scope }))
    }
    case 'transports':
    case 'faults':
    case 'workloads':
    case 'client-parts': {
      const { FIXED_LISTS } = await import('../fixed-lists.ts')
      return FIXED_LISTS[kind]
    }
    case 'profiles': {
      const { networkProfiles } = await import('../../sim/index.ts')
      return networkProfiles().map(({ name, summary, source }) => ({ name, summary, source }))
    }
    case 'experiments':
    case 'mutants':
      return []
  }
}

/** One line per entry, or one JSON array. An empty list says so on stderr, since nothing looks like a mistake. */
export async function printList(kind: ListKind, entries: readonly ListEntry[], json: boolean, context: CommandContext): Promise<void> {
  const { out, err } = context.streams
  if (entries.length === 0) err.write(`syncstorm: there are no ${kind} in this release\n`)
  if (json) {
    const { renderJson } = await import('../../reports/json.ts')
    out.write(renderJson(entries))
    return
  }
  const [{ makePaint }, { renderList }] = await Promise.all([
    import('../../reports/terminal/paint.ts'), import('../../reports/terminal/list-lines.ts'),
  ])
  out.write(renderList(entries, { width: out.isTerminal ? out.columns : Number.POSITIVE_INFINITY, paint: makePaint(out.colour) }))
}
