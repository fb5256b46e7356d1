/**
 * Search for users in the sample helpdesk, as a real one has it: `email:jane@x.example role:end-user`, a `*` at the end for any
 * rest, a minus for not, words for anywhere. It shows whatever it finds to whoever asks; hiding is the gateway's work.
 */

/** A user as far as it can be searched. */
type Searchable = Readonly<Record<string, unknown>>

interface Term {
  readonly negated: boolean
  /** Empty: a word that is looked for in every field. */
  readonly field: string
  readonly text: string
}

const TERM = /(-)?(?:([a-z_]+):)?(?:"([^"]*)"|(\S+))/g

/** The records that fit, in stored order. No query finds nothing. */
export function searchUsers(records: Iterable<string>, query: string): readonly string[] {
  const terms = [...query.matchAll(TERM)].map(([, minus, field = '', quoted, bare = '']): Term => ({
    negated: minus !== undefined,
    field,
    text: (quoted ?? bare).toLowerCase(),
  }))
  if (terms.length === 0) return []
  return [...records].filter((record) => {
    const user = JSON.parse(record) as Searchable
    return terms.every((term) => fits(term, user) !== term.negated)
  })
}

function fits({ field, text }: Term, user: Searchable): boolean {
  const values = field === '' ? Object.values(user) : [user[field]]
  const texts = values.flat().map((value) => String(value).toLowerCase())
  if (field === '') return texts.some((value) => value.includes(text))
  return texts.some((value) =>
    text.endsWith('*') ? value.startsWith(text.slice(0, -1)) : value === text,
  )
}
