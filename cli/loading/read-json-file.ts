/**
 * Reads a user's file: JSON or text, plain or gzipped, told apart by its first bytes. Whatever is wrong with it
 * comes out as one `BadInput` naming the file and what was expected.
 */
import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BadInput } from '../../sim/bad-input.ts'

/** Largest file, before and after unpacking. A recorded session of 26,000 transactions takes 3 MB. */
export const FILE_SIZE_MAX_BYTES = 64 * 1024 * 1024
const LIMIT = '64 MB'

/**
 * Reads `file` (absolute, or relative to the process). Messages call it `name`, as the user typed it, and
 * say `what` was expected: `a plan`, `a recorded session`.
 */
export function readJsonFile(file: string, what: string, name = file): unknown {
  const expected = `${what}: a JSON file (plain or gzip, at most ${LIMIT})`
  const text = readText(file, name, expected)
  try {
    return JSON.parse(text)
  } catch (problem) {
    throw badFile(name, expected, `text that is not JSON (${oneLine(problem)})`)
  }
}

/** Reads `file` as text, plain or gzipped; otherwise as `readJsonFile`. */
export function readTextFile(file: string, what: string, name = file): string {
  return readText(file, name, `${what} (plain or gzip, at most ${LIMIT})`)
}

function readText(file: string, name: string, expected: string): string {
  const text = decodeUtf8(unpack(readBytes(file, name, expected), name, expected), name, expected)
  if (text.trim() === '') throw badFile(name, expected, 'an empty file')
  return text
}

function readBytes(file: string, name: string, expected: string): Buffer {
  try {
    const status = statSync(file)
    if (status.isDirectory()) throw badFile(name, expected, 'a directory')
    if (status.size > FILE_SIZE_MAX_BYTES) throw badFile(name, expected, `${status.size} bytes`)
    return readFileSync(file)
  } catch (problem) {
    if (problem instanceof BadInput) throw problem
    const code = (problem as NodeJS.ErrnoException).code
    const got = code === 'ENOENT' || code === 'ENOTDIR' ? 'no such file' : code === 'EACCES' ? 'a file that may not be read' : oneLine(problem)
    throw badFile(name, expected, got)
  }
}

function unpack(bytes: Buffer, file: string, expected: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: FILE_SIZE_MAX_BYTES })
  } catch (problem) {
    const tooLarge = (problem as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw badFile(file, expected, tooLarge ? `more than ${LIMIT} once unpacked` : `damaged gzip data (${oneLine(problem)})`)
  }
}

function decodeUtf8(bytes: Buffer, file: string, expected: string): string {
  if (bytes.includes(0)) throw badFile(file, expected, 'binary data')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw badFile(file, expected, 'binary data')
  }
}

function oneLine(problem: unknown): string {
  const message = problem instanceof Error ? problem.message : String(problem)
  return message.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 120)
}

function badFile(file: string, expected: string, got: string): BadInput {
  return new BadInput({ code: 'unreadable', where: file, path: '', expected, got })
}
