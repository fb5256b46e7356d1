/** Programs that a test needs and a machine may lack: there it is skipped loudly, and in CI it fails. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** The part of a test that is needed here. */
export type PeerScope = Pick<Test, 'fail' | 'pass'>

/** True where the program is in the PATH. Otherwise the test has failed (`CI=true`) or is skipped: return at once. */
export function requirePeer(t: PeerScope, program: string): boolean {
  return require(t, isProgram(program), `the program ${program}`)
}

/** True where the file or folder is there. Otherwise the test has failed (`CI=true`) or is skipped: return at once. */
export function requireData(t: PeerScope, path: string, source: string): boolean {
  return require(t, existsSync(path), `${path} (from ${source})`)
}

function require(t: PeerScope, there: boolean, what: string): boolean {
  if (there) return true
  const note = `MISSING: ${what}; what needs it was not tested`
  if (process.env['CI'] === 'true') {
    t.fail(note)
  } else {
    console.error(`*** ${note} ***`)
    t.pass(note, { skip: note })
  }
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
