import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureFreshBuild, freshnessOf } from './freshness.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'syncstorm-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function file(path: string, atSeconds: number): void {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, '')
  utimesSync(whole, atSeconds, atSeconds)
}

describe('freshness of the build', () => {
  test('an installed package has no sources and is left alone', () => {
    file('dist/.tsbuildinfo', 1)
    expect(freshnessOf(folder)).toBe('installed')
    expect(ensureFreshBuild(folder, () => undefined)).toBe(false)
  })

  test('a checkout is fresh until a source, however deep, is newer than the build', () => {
    file('tsconfig.json', 100)
    file('sim/kernel/clock.ts', 100)
    expect(freshnessOf(folder)).toBe('stale')
    file('dist/.tsbuildinfo', 200)
    expect(freshnessOf(folder)).toBe('fresh')
    file('sim/kernel/clock.ts', 300)
    expect(freshnessOf(folder)).toBe('stale')
  })

  test('tests and other files are no part of the build; the compiler options are', () => {
    file('tsconfig.json', 100)
    file('sim/run.ts', 100)
    file('dist/.tsbuildinfo', 200)
    file('sim/run.test.ts', 300)
    file('sim/notes.md', 300)
    expect(freshnessOf(folder)).toBe('fresh')
    file('tsconfig.json', 300)
    expect(freshnessOf(folder)).toBe('stale')
  })
})
