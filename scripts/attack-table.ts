/** Prints what came of the attacks of a run: a line for each number of the threat model, and both counts. tap runs it at the end. */
import { takeVerdicts } from '../test/attacks/verdicts.ts'
import type { Verdict } from '../test/attacks/verdicts.ts'

const verdicts = takeVerdicts()
if (verdicts.length > 0) process.stdout.write(`${table(verdicts).join('\n')}\n`)

function table(all: readonly Verdict[]): readonly string[] {
  const ids = [...new Set(all.map(({ id }) => id))].toSorted(byNumber)
  return [
    'Attacks, by their number in docs/threats.md',
    ...ids.map((id) => `${id.padEnd(6)}${lineOf(all.filter((one) => one.id === id))}`),
    `attacks: ${lineOf(all)}`,
  ]
}

function lineOf(some: readonly Verdict[]): string {
  const held = some.filter((one) => one.held === true).length
  const failed = some.filter((one) => one.held === false).length
  const due = some.flatMap((one) => one.due ?? [])
  const parts = [
    `${held} held`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(due.length > 0 ? [`${due.length} due: ${[...new Set(due)].join(', ')}`] : []),
  ]
  return parts.join(', ')
}

function byNumber(a: string, b: string): number {
  return (
    a.charCodeAt(0) - b.charCodeAt(0) || Number.parseInt(a.slice(1)) - Number.parseInt(b.slice(1))
  )
}
