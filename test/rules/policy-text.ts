/** Compiles policies from text, without files: what tests of the policy language begin with. */
import type { CompiledPolicyWithQueries } from '../../src/rules/compile/compile-policy.ts'
import { compilePolicy } from '../../src/rules/compile/compile-policy.ts'
import type { PolicyFault } from '../../src/rules/policy/fault.ts'
import { PolicyInvalidError } from '../../src/rules/policy/fault.ts'
import { parsePolicy } from '../../src/rules/policy/parse-policy.ts'

/** What stands beside the text of a policy. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>
  /** Content of fixtures by name. */
  readonly fixtures?: Readonly<Record<string, string | Uint8Array>>
  /** Planted values by the name of their variable or file. */
  readonly planted?: Readonly<Record<string, string>>
}

/** Name of the policy in faults. */
export const FILE = 'policies.yaml'

/** What every policy needs and few tests are about. Seven lines, so that the text after it begins in line 8. */
export const PRELUDE = `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }
defaults: { unlisted: mask }
`

/** Throws PolicyInvalidError. */
export function compileText(
  text: string | Uint8Array,
  { environment = {}, fixtures = {}, planted = {} }: Surroundings = {},
): CompiledPolicyWithQueries {
  const parsed = parsePolicy({ file: FILE, bytes: Buffer.from(text), environment })
  return compilePolicy({
    parsed,
    keys: {
      pseudonymizer: {
        version: 1,
        pseudonym: (domain, value) => Buffer.from(`${domain}|${value}`).toString('base64url'),
      },
      tokenizer: {
        version: 1,
        tokenize: (_domain, digits) => [...digits].toReversed().join(''),
      },
    },
    readCanary: ({ env, file }) => planted[env ?? file ?? ''],
    readFixture: (name) =>
      Object.hasOwn(fixtures, name) ? Buffer.from(fixtures[name] ?? '') : undefined,
  })
}

/** The faults of a policy, none where it compiles. What is no PolicyInvalidError is thrown. */
export function faultsOf(
  text: string | Uint8Array,
  surroundings: Surroundings = {},
): readonly PolicyFault[] {
  try {
    compileText(text, surroundings)
    return []
  } catch (error) {
    if (error instanceof PolicyInvalidError) return error.faults
    throw error
  }
}
