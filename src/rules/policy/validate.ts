/** Holds parsed data against the schema of the policy language and says every difference in plain words. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject } from 'ajv/dist/2020.js'
import { closest } from '../../core/closest.ts'
import type { PolicyDocument } from './document.ts'
import type { Complaint, PolicyPath } from './fault.ts'
import { plannedHint } from './not-supported.ts'
import { POLICY_SCHEMA } from './schema.ts'

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
  verbose: true,
  logger: false,
})

/** What a file is written in. */
export interface FileLanguage {
  readonly schema: object
  /** How messages call the file: `the policy`. */
  readonly what: string
  /** The hint for a key that is planned and not there yet. */
  readonly planned: (path: PolicyPath) => string | undefined
}

/** Gives a document where the data is one, or what is wrong with it. */
export type Validator<T> = (
  data: unknown,
) => { readonly document: T } | { readonly complaints: readonly Complaint[] }

/** Holds data against the schema of a language. */
export function createValidator<T>(language: FileLanguage): Validator<T> {
  const validate = ajv.compile<T>(language.schema)
  return (data) => {
    if (validate(data)) return { document: data }
    const errors = validate.errors ?? []
    const complaints = errors
      .filter((error) => !isNoise(error, errors))
      .map((error) => complain(data, error, language))
    return { complaints }
  }
}

/** {@link createValidator} for policies. */
export const validateDocument = createValidator<PolicyDocument>({
  schema: POLICY_SCHEMA,
  what: 'the policy',
  planned: plannedHint,
})

// A failed alternative reports each branch and then itself; one sentence for the place is enough.
function isNoise(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword === 'propertyNames') return true
  return all.some(
    (other) =>
      other !== error &&
      (other.keyword === 'anyOf' || other.keyword === 'oneOf') &&
      error.schemaPath.startsWith(`${other.schemaPath}/`),
  )
}

function complain(data: unknown, error: ErrorObject, language: FileLanguage): Complaint {
  const path = pointerToPath(data, error.instancePath)
  const name = path.length === 0 ? language.what : `\`${path.join('.')}\``
  const parameters = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey([...path, String(parameters['additionalProperty'])], error, language)
    case 'required':
      return {
        path,
        message: `${name} lacks \`${String(parameters['missingProperty'])}\``,
        atKey: true,
      }
    case 'enum': {
      const allowed = (parameters['allowedValues'] as readonly unknown[]).map(String)
      return {
        path,
        message: `${name} must be one of: ${allowed.join(', ')}`,
        hint: didYouMean(String(error.data), allowed),
      }
    }
    case 'const':
      return { path, message: `${name} must be ${JSON.stringify(parameters['allowedValue'])}` }
    case 'type':
      return {
        path,
        message: `${name} must be ${([] as unknown[]).concat(parameters['type']).map(typeInWords).join(' or ')}`,
        hint: describe(error),
      }
    case 'pattern':
      if (error.propertyName !== undefined) {
        const at = [...path, error.propertyName]
        return {
          path: at,
          atKey: true,
          message: `\`${at.join('.')}\` is not a name allowed here`,
          hint: `names match ${String(parameters['pattern'])}`,
        }
      }
      return {
        path,
        message: `${name} does not have the form asked for`,
        hint: describe(error) ?? `it must match ${String(parameters['pattern'])}`,
      }
    case 'anyOf':
    case 'oneOf':
      return { path, message: `${name} has none of the forms allowed here`, hint: describe(error) }
    default:
      return { path, message: `${name} ${error.message ?? 'is not valid'}`, hint: describe(error) }
  }
}

const TYPES_IN_WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

function typeInWords(type: unknown): string {
  return TYPES_IN_WORDS[String(type)] ?? String(type)
}

function unknownKey(at: PolicyPath, error: ErrorObject, language: FileLanguage): Complaint {
  const planned = language.planned(at)
  if (planned !== undefined) {
    return {
      path: at,
      atKey: true,
      message: `\`${at.join('.')}\` is not supported by this version`,
      hint: planned,
      notSupported: true,
    }
  }
  const known = Object.keys(
    (error.parentSchema as { properties?: object } | undefined)?.properties ?? {},
  )
  return {
    path: at,
    atKey: true,
    message: `unknown key \`${at.join('.')}\``,
    hint:
      didYouMean(String(at.at(-1)), known) ??
      (known.length > 0 ? `known here: ${known.join(', ')}` : undefined),
  }
}

function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = closest(word, known)
  return near === undefined ? undefined : `did you mean \`${near}\`?`
}

function describe(error: ErrorObject): string | undefined {
  const description = (error.parentSchema as { description?: unknown } | undefined)?.description
  return typeof description === 'string' ? description : undefined
}

// JSON Pointer (RFC 6901) to steps; a step into an array is a number, so that places can be found in the text.
function pointerToPath(data: unknown, pointer: string): (string | number)[] {
  const path: (string | number)[] = []
  let node = data
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(node) ? Number(step) : step)
    node = (node as Record<string, unknown> | undefined)?.[step]
  }
  return path
}
