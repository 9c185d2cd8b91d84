/** The rules of the house that a compiler does not know: what may import what, and how files are named. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = import.meta.dirname
/** From the ground up: a folder imports itself and what stands before it. */
const LAYERS = ['sim', 'strategies', 'properties', 'reports', 'cli']
const WITHOUT_NODE = ['sim', 'strategies', 'properties', 'reports']
/** Libraries that product code below cli/ may import; a strategy's own library comes through its resolver. */
const ALLOWED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  sim: ['seedrandom', 'zod'], strategies: [], properties: ['fast-check'], reports: ['zod', 'chalk', 'cli-table3', 'string-width'],
}

const sources = LAYERS.flatMap((layer) => readdirSync(join(ROOT, layer), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts')).map((path) => join(layer, path)))
const product = sources.filter((path) => !path.endsWith('.test.ts') && !path.startsWith('sim/testing/'))

interface Import { readonly from: string; readonly to: string; readonly typeOnly: boolean }
function importsOf(path: string): Import[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)
  return [
    ...[...statements].map(([, type, to]) => ({ from: path, to, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, to]) => ({ from: path, to, typeOnly: false })),
  ]
}
const layerOf = (path: string): string => path.split('/')[0]
const resolved = ({ from, to }: Import): string => relative(ROOT, normalize(join(ROOT, dirname(from), to)))
const upward = (imports: readonly Import[]): string[] => imports
  .filter(({ to }) => to.startsWith('.'))
  .filter((one) => LAYERS.indexOf(layerOf(resolved(one))) > LAYERS.indexOf(layerOf(one.from)))
  .map((one) => `${one.from} -> ${resolved(one)}`)

describe('layers (design section 2)', () => {
  it('reads imports: the test itself can fail', () => {
    expect(product.length).toBeGreaterThan(20)
    expect(product.flatMap(importsOf).length).toBeGreaterThan(100)
    expect(upward([{ from: 'sim/run.ts', to: '../cli/main.ts', typeOnly: false }])).toEqual(['sim/run.ts -> cli/main.ts'])
  })

  it('imports point down only: cli -> reports -> properties -> strategies -> sim', () => {
    expect(upward(product.flatMap(importsOf))).toEqual([])
  })

  it('X07: properties take names and claims from strategies, never their merge code', () => {
    const wrong = product.filter((path) => layerOf(path) === 'properties').flatMap(importsOf)
      .filter((one) => one.to.startsWith('.') && layerOf(resolved(one)) === 'strategies' && !resolved(one).endsWith('strategies/index.ts') && !one.typeOnly)
    expect(wrong.map((one) => `${one.from} -> ${one.to}`)).toEqual([])
  })

  it('sim, strategies, properties and reports run without Node, on the packages named here', () => {
    const wrong = product.filter((path) => WITHOUT_NODE.includes(layerOf(path))).flatMap(importsOf)
      .filter(({ from, to, typeOnly }) => !typeOnly && !to.startsWith('.') && !ALLOWED_PACKAGES[layerOf(from)].includes(to))
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  it('no import runs in a circle', () => {
    const edges = new Map(product.map((path) => [path, importsOf(path)
      .filter(({ to, typeOnly }) => to.startsWith('.') && !typeOnly).map(resolved)]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      else if (!done.has(path)) {
        for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
        done.add(path)
      }
    }
    for (const path of product) visit(path, [])
    expect(circles).toEqual([])
  })

  it('files are kebab-case and none is a utils, helpers or common', () => {
    const names = sources.map((path) => path.split('/').at(-1) ?? '')
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/.test(name))).toEqual([])
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(path))).toEqual([])
  })
})
