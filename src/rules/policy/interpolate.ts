/** Fills `${NAME}` in the values of a policy from the environment. Member names are never filled. */
import type { Complaint, PolicyPath } from './fault.ts'

const PLACEHOLDER = /\$\{([^{}]*)\}/g
const NAME = /^[A-Z][A-Z0-9_]{0,127}$/

export interface Interpolated {
  readonly data: unknown
  readonly complaints: readonly Complaint[]
  /** Variables that the policy names and the environment does not have; their placeholders are left. */
  readonly missing: readonly MissingVariable[]
}

export interface MissingVariable {
  readonly name: string
  readonly path: PolicyPath
}

/** A copy of `data` with every placeholder filled. A name that no variable can have is a complaint. */
export function interpolate(
  data: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Interpolated {
  const complaints: Complaint[] = []
  const missing: MissingVariable[] = []
  const fill = (text: string, path: PolicyPath) =>
    text.replace(PLACEHOLDER, (whole, name: string) => {
      if (!NAME.test(name)) {
        complaints.push({
          path,
          message: `\`${whole}\` does not name an environment variable`,
          hint: 'write ${NAME} in capitals, digits and _',
        })
        return whole
      }
      const value = environment[name]
      if (value === undefined || value === '') {
        missing.push({ name, path })
        return whole
      }
      if (hasPlaceholder(value)) {
        complaints.push({
          path,
          message: `the value of the environment variable ${name} has a placeholder in it`,
          hint: 'variables are filled in once; write the whole value',
        })
      }
      return value
    })
  const walk = (node: unknown, path: PolicyPath): unknown => {
    if (typeof node === 'string') return fill(node, path)
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]))
    if (node === null || typeof node !== 'object') return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, walk(value, [...path, key])]),
    )
  }
  return { data: walk(data, []), complaints, missing }
}

/** True where a placeholder was left because its variable is not set. */
export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) !== -1
}
