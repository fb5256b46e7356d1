/** A guard of writes made from the text of a policy, whose first route is the one that reads the record. */
import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { readDocument } from '../../../src/json/read-document.ts'
import {
  compilePolicy,
  type CompiledPolicyWithQueries,
} from '../../../src/rules/compile/compile-policy.ts'
import type { OperatorKeys } from '../../../src/rules/operator.ts'
import type { PolicyDocument, WriteDocument } from '../../../src/rules/policy/document.ts'
import { parsePolicy } from '../../../src/rules/policy/parse-policy.ts'
import {
  guardWrite,
  type WriteGuard,
  type WriteOutcome,
} from '../../../src/rules/writes/guard-write.ts'
import type { WriteFormat } from '../../../src/rules/writes/write-rules.ts'
import { FILE } from '../policy-text.ts'

const operatorKeys: OperatorKeys = {
  pseudonymizer: {
    version: 1,
    pseudonym: (domain, value) =>
      createHash('sha256').update(`${domain}|${value}`).digest('base64url').slice(0, 22),
  },
  tokenizer: { version: 1, tokenize: (_domain, digits) => [...digits].toReversed().join('') },
}

const TYPES = [
  'application/json',
  'application/merge-patch+json',
  'application/json-patch+json',
] as const

/** What a body may hold; left out: all that there is. */
export type BodyParts = Partial<NonNullable<PolicyDocument['routes'][number]['body']>>

/** The policy with the keys of guards. Throws PolicyInvalidError. */
export function compileWithKeys(policy: PolicyDocument): CompiledPolicyWithQueries {
  const bytes = Buffer.from(JSON.stringify(policy))
  const parsed = parsePolicy({ file: FILE, bytes, environment: {} })
  return compilePolicy({ parsed, keys: operatorKeys, readFixture: () => undefined })
}

/** Throws PolicyInvalidError. */
export function guardOf(
  text: string,
  write: WriteDocument,
  roles: readonly string[],
  body: BodyParts = { unlisted: 'pass' },
): WriteGuard {
  const document = parse(text) as PolicyDocument
  const reading = document.routes[0]
  const whole: PolicyDocument = {
    ...document,
    routes: [
      ...document.routes,
      {
        match: write.read.replace('GET', 'PATCH'),
        upstream: reading?.upstream ?? '',
        body: { types: TYPES, fixture: 'none', ...body },
        write: { update: 'partial', ...write },
      },
    ],
  }
  const guard = compileWithKeys(whole).routeList.at(-1)?.write?.guardFor(roles.toSorted())
  if (guard === undefined) throw new Error('the policy has no route that writes')
  return guard
}

/** Decides on documents given as text. Throws a JsonInputError where one is none. */
export function write(
  guard: WriteGuard,
  { record, body, format = 'json' }: { record: string; body: string; format?: WriteFormat },
): WriteOutcome {
  const { limits } = guard.sights.rules
  return guardWrite(guard, {
    request: readDocument(Buffer.from(body), limits),
    record: readDocument(Buffer.from(record), limits),
    format,
  })
}
