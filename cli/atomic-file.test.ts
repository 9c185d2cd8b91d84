import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomically } from './atomic-file.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'syncstorm-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('makes the folders on the way, replaces an older file, and leaves no temporary one', () => {
  const file = join(folder, 'a', 'b.json')
  writeFileAtomically(file, 'old')
  writeFileAtomically(file, 'new')
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(readdirSync(join(folder, 'a'))).toEqual(['b.json'])
})

test('a write that cannot end leaves no temporary file behind', () => {
  mkdirSync(join(folder, 'taken', 'inside'), { recursive: true })
  expect(() => writeFileAtomically(join(folder, 'taken'), 'x')).toThrow()
  expect(readdirSync(folder)).toEqual(['taken'])
})
