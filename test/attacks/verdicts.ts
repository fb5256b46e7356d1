/** Verdicts of attacks, kept for the table at the end of a run: tests write them, `scripts/attack-table.ts` prints them. */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What came of one attack. */
export interface Verdict {
  /** Section and number of the threat model. */
  readonly id: string
  /** Undefined: it was not tried. */
  readonly held: boolean | undefined
  /** The control that does not exist yet. */
  readonly due: string | undefined
}

const FOLDER = join(import.meta.dirname, '../../.tap/attacks')

// One file for each run: its process is the parent of all that take part. A test that is run by itself keeps nothing.
const file = (): string => join(FOLDER, `${process.ppid}.jsonl`)

/** Keeps one. */
export function noteVerdict(verdict: Verdict): void {
  if (process.env['TAP'] !== '1') return
  mkdirSync(FOLDER, { recursive: true })
  appendFileSync(file(), `${JSON.stringify(verdict)}\n`)
}

/** Those of this run, which are then forgotten. */
export function takeVerdicts(): readonly Verdict[] {
  const text = readVerdicts()
  rmSync(FOLDER, { recursive: true, force: true })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdict)
}

function readVerdicts(): string {
  try {
    return readFileSync(file(), 'utf8')
  } catch {
    // No attack was part of the run.
    return ''
  }
}
