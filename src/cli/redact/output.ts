/** How a redaction tells what it does: a line for each place, progress, and a summary. */
import { counted } from '../../core/counted.ts'
import type { HelpdeskClient } from '../../connectors/http-client.ts'
import type { PlaceReport, Totals } from '../../redaction/report.ts'
import { writeLine } from '../command.ts'
import type { CommandIo } from '../command.ts'
import { jsonText, plainText } from '../table.ts'

/** Records between two lines of progress. */
const PROGRESS_RECORDS = 100

const WORDS: Readonly<Record<PlaceReport['outcome'], string>> = {
  would: 'would be redacted',
  redacted: 'redacted',
  left: 'STILL THERE',
  failed: 'FAILED',
  'by-hand': 'by hand',
  unreadable: 'by hand: too long, or too much packed inside, to be looked through',
  attachment: 'by hand: a file, which nothing looks into',
  suspect: 'look at it: less sure than the policy asks for',
}

/** Writes one place. */
export function reporter(
  { stdout }: CommandIo,
  json: boolean,
): (report: PlaceReport) => Promise<void> {
  return (report) => writeLine(stdout, json ? jsonText(report) : words(report))
}

function words({ record, place, classes, outcome, note }: PlaceReport): string {
  const chain = record.map(({ resource, id }) => `${resource} ${plainText(id)}`).join(' / ')
  const counts = classes.map(({ class: name, count }) => `${name} ${count}`).join(', ')
  const parts = [chain, plainText(place), counts, WORDS[outcome]].filter((part) => part !== '')
  return `${parts.join('  ')}${note === undefined ? '' : `: ${note}`}`
}

/** Tells from time to time how far it is. */
export function progressTo(
  { stderr }: CommandIo,
  client: HelpdeskClient,
): (totals: Totals) => Promise<void> {
  return async ({ records, places }) => {
    if (records % PROGRESS_RECORDS !== 0) return
    const found = Object.values(places).reduce((sum, one) => sum + one, 0)
    await writeLine(
      stderr,
      `${records} records, ${counted(found, 'place')}, ${client.requests()} requests`,
    )
  }
}

/** One line for each kind of outcome. */
export function summary({ records, places, classes }: Totals): string {
  const rows = Object.entries(places).filter(([, number]) => number > 0)
  const values = Object.entries(classes).map(([name, number]) => `${name} ${number}`)
  return [
    counted(records, 'record'),
    ...rows.map(
      ([outcome, number]) => `${counted(number, 'place')}: ${WORDS[outcome as keyof typeof WORDS]}`,
    ),
    ...(values.length > 0 ? [`values: ${values.join(', ')}`] : []),
  ].join('\n')
}

export function exitCodeFor({ places }: Totals): number {
  return places.left + places.failed > 0 ? 1 : 0
}
