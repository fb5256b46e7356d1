/** `celosia redact`: takes personal data out of what a helpdesk has stored, through its own interface. A dry run unless told otherwise. */
import { createHash } from 'node:crypto'
import type { ChainedWriter } from '../../audit/chain/chain-writer.ts'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { redactionActivity } from '../../audit/redaction-activity.ts'
import { systemClock } from '../../core/clock.ts'
import { uuidV7 } from '../../core/ids.ts'
import { createHelpdesk } from '../../connectors/helpdesk.ts'
import { createHelpdeskClient } from '../../connectors/http-client.ts'
import { loadConnector } from '../../connectors/load-connector.ts'
import type { Connector } from '../../connectors/connector.ts'
import type { RecordCopy, RedactOptions } from '../../redaction/redact-record.ts'
import { RedactionStoppedError } from '../../redaction/errors.ts'
import { runRedaction } from '../../redaction/run.ts'
import { openState } from '../../redaction/run-state.ts'
import { requiredOption, textOption, UsageError, writeLine } from '../command.ts'
import type { Command, CommandIo, OptionValues } from '../command.ts'
import { loadPolicy } from '../load-policy.ts'
import type { LoadResult } from '../load-policy.ts'
import { openAuditWriter, STORE_OPTIONS, storePlace } from '../stores.ts'
import type { StorePlace } from '../stores.ts'
import { auditRedaction } from './audit-redaction.ts'
import { exitCodeFor, progressTo, reporter, summary } from './output.ts'
import { soughtBy } from './sought.ts'

const BY_CHARACTERS_MAX = 200
const RECORDS_MAX = 1_000_000

export const redact: Command = {
  name: 'redact',
  summary: 'Find personal data in what a helpdesk has stored, and take it out.',
  operands: '',
  options: {
    connector: {
      type: 'string',
      value: 'FILE',
      help: 'how to ask the helpdesk, see config/connectors',
    },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the policy, which says how classes are found',
      default: 'config/policies.yaml',
    },
    class: { type: 'string', value: 'NAMES', help: 'classes to take out: payment.card,contact.*' },
    values: {
      type: 'string',
      value: 'FILE',
      help: 'what is known of one data subject, a value a line; - is standard input',
    },
    suspects: {
      type: 'string',
      value: 'N',
      help: 'tell also what is less sure, down to this confidence from 0 to 1, and leave it',
    },
    record: {
      type: 'string',
      value: 'NAMES',
      help: 'only these records and their copies: ticket:17,ticket:18',
    },
    apply: { type: 'boolean', help: 'write; else only tell what would be written' },
    by: { type: 'string', value: 'NAME', help: 'with --apply: who does it, for the audit' },
    state: {
      type: 'string',
      value: 'FILE',
      help: 'where to keep how far it has come, and go on from',
    },
    limit: {
      type: 'string',
      value: 'N',
      help: 'stop after so many records',
      default: String(RECORDS_MAX),
    },
    json: { type: 'boolean', help: 'print JSON lines' },
    ...STORE_OPTIONS,
  },
  notes: [
    'Needed: --connector, and --class or --values. Nothing is written without --apply.',
    'A line for each place: record, place, classes and how many, what became of it. Never a value.',
    'With --apply each change is on record before it is made, read again, and on record after.',
    'With a journal, give a directory of its own: a journal has one writer.',
    'Exit code 0; 1 where something was left or failed. See docs/redaction.md.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const apply = values['apply'] === true
    const connector = loadConnector(requiredOption(values, 'connector'), io.environment)
    const file = requiredOption(values, 'config')
    const policy = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const task = await soughtBy(values, policy.compiled, io)
    const only = recordsOption(values, connector)
    const state = await openState(
      textOption(values, 'state'),
      taskOf(values, { connector, policy }),
    )
    if (state.state.isFinished)
      await writeLine(io.stderr, 'finished already, by the file of --state')
    const client = createHelpdeskClient(connector, systemClock)
    const audit = apply ? await auditOf(values, io, { connector, policy }) : NO_AUDIT
    try {
      const totals = await runRedaction({
        connector,
        helpdesk: createHelpdesk(client),
        sought: task,
        apply,
        tell: reporter(io, values['json'] === true),
        audit: audit.append,
        file: state,
        only,
        recordsMax: limitOption(values),
        progress: progressTo(io, client),
        signal: io.signal,
      })
      await writeLine(io.stderr, summary(totals))
      return exitCodeFor(totals)
    } catch (error) {
      if (error instanceof RedactionStoppedError)
        await writeLine(io.stderr, summary(state.state.totals))
      throw error
    } finally {
      await audit.close()
    }
  },
}

interface Parts {
  readonly connector: Connector
  readonly policy: LoadResult
}

interface OpenAudit {
  readonly append: RedactOptions['audit']
  readonly close: () => Promise<void>
}

const NO_AUDIT: OpenAudit = {
  append: () => Promise.reject(new Error('a dry run writes nothing')),
  close: () => Promise.resolve(),
}

async function auditOf(
  values: OptionValues,
  io: CommandIo,
  { connector, policy }: Parts,
): Promise<OpenAudit> {
  const by = requiredOption(values, 'by')
  if (by.length > BY_CHARACTERS_MAX) {
    throw new UsageError(`--by has at most ${BY_CHARACTERS_MAX} characters`)
  }
  const { auditPseudonymizer: pseudonymizer, notes } = policy
  if (pseudonymizer === undefined || notes.some((note) => note.startsWith('keys.audit '))) {
    throw new UsageError('--apply needs keys.audit of the policy: records are named by pseudonyms')
  }
  const writer = await openWriter(storePlace(values, io), io)
  writer.configure(policy.audit)
  const append = auditRedaction({
    append: (record) => writer.append([record]),
    activity: redactionActivity,
    pseudonymizer,
    clock: systemClock,
    ids: uuidV7,
    run: uuidV7(),
    by,
    connector: connector.sha256,
    policy: policy.compiled.sha256,
  })
  return { append, close: () => writer.close() }
}

/** Says also which journal it is and what to name instead: a gateway that runs has the one that is meant where none is named. */
async function openWriter(place: StorePlace, { stderr }: CommandIo): Promise<ChainedWriter> {
  try {
    return await openAuditWriter(place, (problem) => void stderr.write(`audit: ${problem}\n`))
  } catch (cause) {
    if (place.kind === 'redis' || !(cause instanceof AuditUnavailableError)) throw cause
    const hint =
      'name a directory of its own with --journal, or the Redis of the gateways with --redis'
    throw new AuditUnavailableError(`${cause.message} (${place.directory}); ${hint}`, { cause })
  }
}

/** What a state file belongs to. Values of a data subject play no part in it: nothing of them is kept. */
function taskOf(values: OptionValues, { connector, policy }: Parts): string {
  const parts = [
    connector.sha256,
    policy.compiled.sha256,
    textOption(values, 'class') ?? '',
    textOption(values, 'values') === undefined ? '' : 'values',
    values['apply'] === true ? 'apply' : 'dry run',
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function recordsOption(
  values: OptionValues,
  { resources }: Connector,
): readonly RecordCopy[] | undefined {
  const text = textOption(values, 'record')
  if (text === undefined) return undefined
  if (textOption(values, 'state') !== undefined) {
    throw new UsageError('--state is for runs over all records, and --record names some')
  }
  return text.split(',').map((entry) => {
    const [, resource = '', id = ''] = /^([a-z0-9-]+):(.+)$/.exec(entry.trim()) ?? []
    const names = resources.map(({ name }) => name)
    if (!names.includes(resource)) {
      throw new UsageError(`--record is of the form ${names[0] ?? 'ticket'}:17, not ${entry}`)
    }
    return { resource, id }
  })
}

function limitOption(values: OptionValues): number {
  const limit = Number(requiredOption(values, 'limit'))
  if (Number.isInteger(limit) && limit >= 1 && limit <= RECORDS_MAX) return limit
  throw new UsageError(`--limit is a number from 1 to ${RECORDS_MAX}`)
}
