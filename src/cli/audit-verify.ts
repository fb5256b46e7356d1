/** `celosia audit verify`: whether an audit is what was written, from either store or from an export. */
import { counted } from '../core/counted.ts'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHECKPOINT_SUFFIX } from '../audit/chain/checkpoint-name.ts'
import { AuditUnavailableError } from '../audit/errors.ts'
import { readAllStreams } from '../audit/read-all.ts'
import { linesOf, readExport } from '../audit/read-export.ts'
import type { ChainFault } from '../audit/verify/chain-fault.ts'
import { readSettled } from '../audit/verify/read-settled.ts'
import { verifyAudit } from '../audit/verify/verify-audit.ts'
import type { VerifyOptions, VerifyReport, WriterSummary } from '../audit/verify/verify-audit.ts'
import type { JwsVerifier } from '../core/signing.ts'
import { createJwsVerifier } from '../keys/jws-signer.ts'
import { choiceOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'
import { jsonText, plainText } from './table.ts'

/** Exit code where the audit is not what was written. */
const EXIT_FAULTS = 4
const EXIT_INTERRUPTED = 1
const FAULTS_SHOWN_MAX = 50

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Check that no record was changed, removed, moved or put in.',
  operands: '',
  options: {
    ...STORE_OPTIONS,
    file: { type: 'string', value: 'FILE', help: 'an export instead of a store' },
    keys: { type: 'string', value: 'FILE', help: 'public keys (JWKS) to check signatures by' },
    anchor: {
      type: 'string',
      value: 'FILE',
      help: 'signed checkpoints of an anchor, a file or a folder of such; needs --keys',
    },
    format: {
      type: 'string',
      value: 'text|json',
      help: 'words, or one JSON object',
      default: 'text',
    },
  },
  notes: [
    'Ends with 0 where the audit verifies, and with 4 where it does not.',
    'Without --keys it is held against itself only; without --anchor nobody notices a chain that is gone whole.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['text', 'json'])
    const report = await verify(values, io)
    // What was not read to its end says nothing.
    if (io.signal.aborted) return EXIT_INTERRUPTED
    const lines =
      format === 'json' ? [jsonText(report)] : reportLines(report, values).map(plainText)
    for (const line of lines) await writeLine(io.stdout, line)
    return report.faultCount === 0 ? 0 : EXIT_FAULTS
  },
}

/** What is no record is named when all of them are read. */
const PASSED_OVER = (): void => undefined

async function verify(values: OptionValues, io: CommandIo): Promise<VerifyReport> {
  const file = textOption(values, 'file')
  const anchor = textOption(values, 'anchor')
  const verifyJws = await readKeys(textOption(values, 'keys'))
  if (anchor !== undefined && verifyJws === undefined)
    throw new UsageError(
      '--anchor needs --keys: its checkpoints are worth what their signatures are',
    )
  const common = {
    verifyJws,
    anchored: () => (anchor === undefined ? [] : anchoredIn(anchor)),
    progress: (records: number) => void io.stderr.write(`${records} records\n`),
  } satisfies Partial<VerifyOptions>
  if (file !== undefined) {
    const records: VerifyOptions['records'] = (corrupt) => readExport(file, corrupt)
    const purges: VerifyOptions['purges'] = () => readExport(file, PASSED_OVER)
    return verifyAudit({ ...common, records, purges, partial: true })
  }
  const reader = await openReader(storePlace(values, io))
  try {
    const records: VerifyOptions['records'] = (corrupt) =>
      readSettled(reader, { signal: io.signal, corrupt })
    const purges: VerifyOptions['purges'] = () =>
      readAllStreams(reader, { streams: ['chain'], signal: io.signal, corrupt: PASSED_OVER })
    return await verifyAudit({ ...common, records, purges, partial: false })
  } finally {
    await reader.close()
  }
}

/** One checkpoint a line, of a file, or of each in a folder. Throws AuditUnavailableError where it cannot be read. */
async function* anchoredIn(path: string): AsyncGenerator<string, void, undefined> {
  let names: readonly string[]
  try {
    names = await readdir(path)
  } catch {
    // No folder: whether it is a file is for the reading to say.
    yield* linesOf(path)
    return
  }
  for (const name of names) if (name.endsWith(CHECKPOINT_SUFFIX)) yield* linesOf(join(path, name))
}

async function readKeys(path: string | undefined): Promise<JwsVerifier | undefined> {
  if (path === undefined) return undefined
  return createJwsVerifier(await readText(path))
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new AuditUnavailableError(`The public keys cannot be read (${code})`)
  }
}

function reportLines(report: VerifyReport, values: OptionValues): readonly string[] {
  const { faults, faultCount, records, writers, checkpoints, purges } = report
  const signatures = signaturesText(checkpoints, textOption(values, 'keys') !== undefined)
  return [
    `${counted(records, 'record')} of ${counted(writers.length, 'writer')}; ${signatures}`,
    ...(purges.claims > 0
      ? [
          `${purges.records} more were purged, by ${purges.claims} purges on record; of ${purges.writers} writers nothing is left`,
        ]
      : []),
    ...writers.map(writerLine),
    ...faults.slice(0, FAULTS_SHOWN_MAX).map(faultLine),
    ...(faultCount > FAULTS_SHOWN_MAX ? [`and ${faultCount - FAULTS_SHOWN_MAX} more`] : []),
    faultCount === 0 ? 'The audit verifies.' : `The audit does not verify: ${faultCount} faults.`,
  ]
}

function signaturesText(
  { signed, unsigned, bare, anchored }: VerifyReport['checkpoints'],
  checked: boolean,
): string {
  if (checked)
    return `${signed} signed checkpoints, ${unsigned} unsigned, ${anchored} at the anchor`
  return bare === unsigned
    ? `${unsigned} checkpoints, none of them signed: the policy has no keys.checkpoint`
    : `${unsigned} checkpoints, whose signatures were not checked (--keys)`
}

function writerLine(summary: WriterSummary): string {
  const { writer, first, last, confirmed, ended, purged, endPurged } = summary
  const open = last - confirmed
  const confirmation =
    confirmed === 0
      ? 'confirmed by no signature'
      : `confirmed up to ${confirmed}${open > 0 && !ended ? `, the last ${open} not yet` : ''}`
  const gone = purged > 0 ? `, ${purged} of them purged` : ''
  const end = ended ? 'ended in order' : endPurged ? 'its end was purged' : 'no end on record'
  return `writer ${writer}: records ${first} to ${last}${gone}, ${confirmation}, ${end}`
}

function faultLine({ kind, writer, sequence, to, position, detail }: ChainFault): string {
  const range = to === undefined || to === sequence ? '' : ` to ${to}`
  const which = sequence === undefined ? '' : ` record ${sequence}${range} of writer ${writer}`
  const where = position === undefined ? '' : ` at ${position}`
  return `${kind}:${which}${where}: ${detail}`
}
