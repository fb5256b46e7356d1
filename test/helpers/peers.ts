/** What a test needs and a machine may lack: without it the test is skipped loudly; without a program it fails in CI. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** The part of a test that is needed here. */
export type PeerScope = Pick<Test, 'fail' | 'pass'>

/** True where the program is in the PATH. Otherwise the test has failed (`CI=true`) or is skipped: return at once. */
export function requirePeer(t: PeerScope, program: string): boolean {
  if (isProgram(program)) return true
  const what = `the program ${program}`
  if (process.env['CI'] !== 'true') return skip(t, what)
  t.fail(`MISSING: ${what}; npm run peers installs it`)
  return false
}

/**
 * True where the file or folder is there. Otherwise the test is skipped, in CI too: what others publish for testing is
 * not part of the repository, and nothing installs it.
 */
export function requireData(t: PeerScope, path: string, source: string): boolean {
  return existsSync(path) || skip(t, `${path} (from ${source})`)
}

function skip(t: PeerScope, what: string): false {
  const note = `MISSING: ${what}; what needs it was not tested`
  console.error(`*** ${note} ***`)
  t.pass(note, { skip: note })
  return false
}

function isProgram(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
