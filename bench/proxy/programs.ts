/** Programs that a benchmark needs beside Node. */
import { execFileSync } from 'node:child_process'

/** Those that are not there. */
export function missingPrograms(programs: readonly string[]): readonly string[] {
  return programs.filter((program) => !isThere(program))
}

function isThere(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
