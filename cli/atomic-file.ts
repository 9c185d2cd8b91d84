/**
 * Writes a file whole or not at all: a temporary file beside it, then a rename. A reader never sees half
 * a document, and an interrupted program leaves the old one.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'

export function writeFileAtomically(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, file)
  } catch (problem) {
    rmSync(temporary, { force: true })
    throw problem
  }
}
