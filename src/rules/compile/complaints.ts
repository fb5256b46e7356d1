/** Gathers what is wrong while a policy is compiled, so that an author sees all of it at once. */
import { QueryLimitError, QuerySyntaxError } from '../../json/query/errors.ts'
import type { Query } from '../../json/query/ast.ts'
import { parseQuery, parseRelativeQuery, queryWarnings } from '../../json/query/parse.ts'
import { closest } from '../../core/closest.ts'
import type { Complaint, PolicyPath } from '../policy/fault.ts'

/** The list that a compilation adds to. Lives for one compilation. */
export class Complaints {
  readonly #list: Complaint[] = []

  add(path: PolicyPath, message: string, hint?: string): void {
    this.#list.push({ path, message, hint })
  }

  addAtKey(path: PolicyPath, message: string, hint?: string): void {
    this.#list.push({ path, message, hint, atKey: true })
  }

  addNotSupported(path: PolicyPath, message: string): void {
    this.#list.push({ path, message, notSupported: true })
  }

  /** A name that should be one of `known`: complains with the nearest where it is not. */
  requireKnown(path: PolicyPath, what: string, name: string, known: Iterable<string>): boolean {
    return this.#requireKnown({ path, message: `unknown ${what} \`${name}\`` }, name, known)
  }

  /** The same for the last step of `path`, a member's name. */
  requireKnownKey(path: PolicyPath, what: string, known: Iterable<string>): boolean {
    const name = String(path.at(-1))
    const message = `unknown ${what} \`${name}\``
    return this.#requireKnown({ path, message, atKey: true }, name, known)
  }

  #requireKnown(complaint: Complaint, name: string, known: Iterable<string>): boolean {
    const names = [...known]
    if (names.includes(name)) return true
    const near = closest(name, names)
    const hint = near === undefined ? undefined : `did you mean \`${near}\`?`
    this.#list.push({ ...complaint, hint })
    return false
  }

  /** The parsed query, or undefined after a complaint. */
  query(
    path: PolicyPath,
    text: string,
    form: 'absolute' | 'relative' = 'absolute',
  ): Query | undefined {
    try {
      const query = form === 'absolute' ? parseQuery(text) : parseRelativeQuery(text)
      const warnings = queryWarnings(query)
      for (const warning of warnings) this.add(path, `query \`${text}\`: ${warning}`)
      return warnings.length > 0 ? undefined : query
    } catch (error) {
      if (!(error instanceof QuerySyntaxError) && !(error instanceof QueryLimitError)) throw error
      this.add(path, `query \`${text}\`: ${error.message}`)
      return undefined
    }
  }

  list(): readonly Complaint[] {
    return this.#list
  }
}
