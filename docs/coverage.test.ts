/**
 * Holds `docs/coverage.md` to the tests: for every requirement id that a test title or a named scenario cites, where.
 * Rewrite it with `UPDATE_COVERAGE=1 npx vitest run docs/coverage.test.ts`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { expect, it } from 'vitest'
import { catalogue } from '../sim/index.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = join(import.meta.dirname, 'coverage.md')
const FOLDERS = ['sim', 'strategies', 'properties', 'reports', 'cli', 'bench']
/** Requirement rows by group (A01 to N13), and property ids. Rules of the design (D1, R5, H3) have one digit. */
const ID = /\b(?:[A-N]\d{2}|P-[A-Z]+(?:-[a-z]+)?)\b/g
const TITLE = /\b(?:it|test|describe)(?:\.[a-zA-Z]+(?:\([^)]*\))?)*\(\s*(['"`])(.*?)\1/g

function citations(): ReadonlyMap<string, ReadonlySet<string>> {
  const cited = new Map<string, Set<string>>()
  const cite = (id: string, where: string): void => { cited.set(id, (cited.get(id) ?? new Set()).add(where)) }
  for (const folder of FOLDERS) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))) {
      const text = readFileSync(join(ROOT, folder, path), 'utf8')
      for (const [, , title] of text.matchAll(TITLE)) for (const [id] of title.matchAll(ID)) cite(id, `${folder}/${path}`)
    }
  }
  for (const { name, covers } of catalogue()) for (const id of covers) if (/^[A-N]\d{2}$/.test(id)) cite(id, `scenario ${name}`)
  return cited
}

function page(): string {
  const rows = [...citations()].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, places]) => `| ${id} | ${[...places].sort().map((place) => `\`${place}\``).join(', ')} |`)
  return ['# Coverage', '',
    'Which test or named scenario cites which requirement row (A01 to N13) or property. What is not here is not in this',
    'release. Made from the test titles; `docs/coverage.test.ts` keeps it true.', '',
    '| id | where |', '|---|---|', ...rows, ''].join('\n')
}

it('docs/coverage.md says where each requirement is tested', () => {
  const computed = page()
  expect(computed.split('\n').length).toBeGreaterThan(60)
  if (process.env['UPDATE_COVERAGE'] !== undefined) writeFileSync(FILE, computed)
  expect(readFileSync(FILE, 'utf8')).toBe(computed)
})
