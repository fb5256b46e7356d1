/** Reads a shipping file, with the keys and certificates that it names. */
import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { readBounded, unreadable } from '../../core/read-bounded.ts'
import type { Complaint } from '../../rules/policy/fault.ts'
import { PolicyInvalidError } from '../../rules/policy/fault.ts'
import { parseDocument, type ParsedDocument } from '../../rules/policy/parse-document.ts'
import { createValidator } from '../../rules/policy/validate.ts'
import { POLICY_BYTES_MAX } from '../../rules/policy/yaml-source.ts'
import { compileFilter } from './filter.ts'
import { deliveryMsMax, durationMs, SINK_KINDS, type SinkContext } from './compile-sink.ts'
import type { ShipDocument, SinkDocument, SinkKinds } from './document.ts'
import { ShippingInvalidError } from './errors.ts'
import type { ShipPlan, SinkPlan } from './plan.ts'
import { SHIP_SCHEMA } from './schema.ts'

export interface ShipFileOptions {
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `ship`: a variable that is not set is a fault. `author`: it is not, so that a file can be checked without its secrets. */
  readonly mode: 'ship' | 'author'
}

export interface LoadedShipFile {
  readonly plan: ShipPlan
  /** Variables that are not set; sinks that need them are not in the plan. */
  readonly missing: readonly string[]
}

const WHAT = 'the shipping file'
const GROUP = 'celosia-ship'
const TAKE_OVER_AFTER_MS = 30_000
const DEAD_LETTERS_MAX = 10_000
const RECORDS_MAX = 500
const BATCH_BYTES_MAX = 1_048_576
const PAUSE_MS = 1_000
const FIRST_MS = 500
const BACKOFF_MAX_MS = 60_000
const REFUSALS_MAX = 3
const LATE_AFTER_MS = 300_000

const validate = createValidator<ShipDocument>({
  schema: SHIP_SCHEMA,
  what: WHAT,
  planned: () => undefined,
})

const LANGUAGE = { what: WHAT, emptyHint: 'docs/siem.md has examples', validate }

/** Throws {@link ShippingInvalidError} with every fault. */
export function loadShipFile({ file, environment, mode }: ShipFileOptions): LoadedShipFile {
  const parsed = parsedFile(file, environment)
  const complaints: Complaint[] = (mode === 'ship' ? parsed.missing : []).map(({ name, path }) => ({
    path,
    message: `the environment variable ${name} is not set`,
  }))
  const all = createHash('sha256').update(parsed.sha256)
  const context = {
    base: dirname(resolve(file)),
    complain: (complaint: Complaint) => void complaints.push(complaint),
    onFile: (bytes: Buffer) => void all.update(bytes),
  }
  const sinks = Object.entries(parsed.document.sinks).map(([name, document]) =>
    compileSink(name, document, context),
  )
  if (complaints.length > 0) throw new ShippingInvalidError(parsed.locate(complaints))
  const plan: ShipPlan = {
    group: parsed.document.group ?? GROUP,
    takeOverAfterMs: durationMs(parsed.document.takeOverAfter, TAKE_OVER_AFTER_MS),
    deadLettersMax: parsed.document.deadLettersMax ?? DEAD_LETTERS_MAX,
    sinks: sinks.filter((sink) => sink !== undefined),
    sha256: parsed.sha256,
    fingerprint: all.digest('hex'),
  }
  return { plan, missing: [...new Set(parsed.missing.map(({ name }) => name))] }
}

function parsedFile(
  file: string,
  environment: ShipFileOptions['environment'],
): ParsedDocument<ShipDocument> {
  try {
    return parseDocument({ file, bytes: readFile(file), environment }, LANGUAGE)
  } catch (error) {
    if (error instanceof PolicyInvalidError) throw new ShippingInvalidError(error.faults)
    throw error
  }
}

function readFile(file: string): Buffer {
  const bytes = readBounded(file, POLICY_BYTES_MAX)
  if (bytes !== undefined) return bytes
  const message = unreadable(WHAT, file, POLICY_BYTES_MAX)
  throw new ShippingInvalidError([
    { code: 'ERR_POLICY_INVALID', file, line: 1, column: 1, message, hint: undefined },
  ])
}

function compileSink(
  name: string,
  document: SinkDocument,
  context: Omit<SinkContext, 'document' | 'path'>,
): SinkPlan | undefined {
  const path = ['sinks', name]
  const kinds = Object.keys(SINK_KINDS) as (keyof SinkKinds)[]
  const named = kinds.filter((kind) => document[kind] !== undefined)
  const [kind] = named
  if (kind === undefined || named.length > 1) {
    const message = `\`sinks.${name}\` needs exactly one of: ${kinds.join(', ')}`
    context.complain({ path, message, atKey: true })
    return undefined
  }
  const open = SINK_KINDS[kind]({ ...context, document, path })
  const { batch, retry } = document
  return (
    open && {
      name,
      kind,
      open,
      accepts: compileFilter(document.filter),
      deliveryMsMax: deliveryMsMax(document),
      batch: {
        recordsMax: batch?.recordsMax ?? RECORDS_MAX,
        bytesMax: batch?.bytesMax ?? BATCH_BYTES_MAX,
        pauseMs: durationMs(batch?.pause, PAUSE_MS),
      },
      backoff: {
        firstMs: durationMs(retry?.first, FIRST_MS),
        maxMs: durationMs(retry?.max, BACKOFF_MAX_MS),
      },
      refusalsMax: retry?.refusals ?? REFUSALS_MAX,
      lateAfterMs: durationMs(document.lateAfter, LATE_AFTER_MS),
    }
  )
}
