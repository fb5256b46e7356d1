/** Reads an ExportLogsServiceRequest in OTLP's JSON encoding as a collector would: strict about names and types. */
import { Ajv2020 } from 'ajv/dist/2020.js'

export interface OtlpRecord {
  readonly timeUnixNano: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly body: unknown
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface OtlpLogs {
  readonly resource: Readonly<Record<string, unknown>>
  readonly scope: { readonly name: string; readonly version: string }
  readonly records: readonly OtlpRecord[]
}

const exactly = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const listOf = (items: object) => ({ type: 'array', items })
const ANY_VALUE = { $ref: '#/$defs/anyValue' }
const KEY_VALUE = exactly({ key: { type: 'string', minLength: 1 }, value: ANY_VALUE }, [
  'key',
  'value',
])
/** uint64 and int64 are decimal text in JSON. */
const FIXED64 = { type: 'string', pattern: '^[0-9]{1,20}$' }

/** The part of opentelemetry/proto/collector/logs/v1 and logs/v1 that is used. */
const SCHEMA = {
  ...exactly(
    {
      resourceLogs: listOf(
        exactly(
          {
            resource: exactly({ attributes: listOf(KEY_VALUE) }, ['attributes']),
            scopeLogs: listOf(
              exactly(
                {
                  scope: exactly({ name: { type: 'string' }, version: { type: 'string' } }),
                  logRecords: listOf(
                    exactly(
                      {
                        timeUnixNano: FIXED64,
                        observedTimeUnixNano: FIXED64,
                        severityNumber: { type: 'integer', minimum: 1, maximum: 24 },
                        severityText: { type: 'string' },
                        eventName: { type: 'string' },
                        body: ANY_VALUE,
                        attributes: listOf(KEY_VALUE),
                      },
                      ['timeUnixNano', 'observedTimeUnixNano', 'body', 'attributes'],
                    ),
                  ),
                },
                ['scope', 'logRecords'],
              ),
            ),
          },
          ['resource', 'scopeLogs'],
        ),
      ),
    },
    ['resourceLogs'],
  ),
  $defs: {
    anyValue: {
      ...exactly({
        stringValue: { type: 'string' },
        boolValue: { type: 'boolean' },
        intValue: { type: 'string', pattern: '^-?[0-9]{1,19}$' },
        doubleValue: { type: 'number' },
        arrayValue: exactly({ values: listOf(ANY_VALUE) }, ['values']),
        kvlistValue: exactly({ values: listOf(KEY_VALUE) }, ['values']),
      }),
      maxProperties: 1,
    },
  },
}
const validate = new Ajv2020({ allErrors: true, strict: false }).compile<Request>(SCHEMA)

interface Request {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeLogs: readonly {
      readonly scope: OtlpLogs['scope']
      readonly logRecords: readonly (Omit<OtlpRecord, 'attributes' | 'timeUnixNano'> & {
        readonly timeUnixNano: string
        readonly body: AnyValue
        readonly attributes: readonly KeyValue[]
      })[]
    }[]
  }[]
}
interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}
interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values: readonly KeyValue[] }
}

/** Throws where the text is none. */
export function readOtlp(text: string): OtlpLogs {
  const request: unknown = JSON.parse(text)
  if (!validate(request)) throw new Error(`no OTLP logs: ${JSON.stringify(validate.errors)}`)
  const [resourceLogs] = request.resourceLogs
  const [scopeLogs] = resourceLogs?.scopeLogs ?? []
  if (resourceLogs === undefined || scopeLogs === undefined) throw new Error('no logs in it')
  return {
    resource: membersOf(resourceLogs.resource.attributes),
    scope: scopeLogs.scope,
    records: scopeLogs.logRecords.map((record) => ({
      timeUnixNano: BigInt(record.timeUnixNano),
      severityNumber: record.severityNumber,
      severityText: record.severityText,
      eventName: record.eventName,
      body: valueOf(record.body),
      attributes: membersOf(record.attributes),
    })),
  }
}

function membersOf(pairs: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]))
}

function valueOf(value: AnyValue): unknown {
  if (value.kvlistValue !== undefined) return membersOf(value.kvlistValue.values)
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(valueOf)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null
}
