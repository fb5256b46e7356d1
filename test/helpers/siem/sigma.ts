/**
 * Reads rules of Sigma 2 and tries them on events: written from the specification, strict, and no more of it than our rules
 * use. A name in a rule is a path; a list there counts as what is in it.
 */
import type { Values } from './record-forms.ts'

type Scalar = string | number | boolean

/** A rule as YAML gives it. */
export interface SigmaRule {
  readonly title: string
  readonly id: string
  readonly name?: string
  readonly status: string
  readonly description: string
  readonly date: string
  readonly tags?: readonly string[]
  readonly logsource?: { readonly product: string; readonly service: string }
  readonly detection?: Readonly<Record<string, unknown>> & { readonly condition: string }
  readonly correlation?: {
    readonly type: string
    readonly rules: readonly string[]
    readonly 'group-by': readonly string[]
    readonly timespan: string
    readonly condition: Readonly<Record<string, number>>
  }
  readonly fields?: readonly string[]
  readonly falsepositives: readonly string[]
  readonly level: string
}

/** Names of fields that a rule looks at. */
export function fieldsOf({ detection = { condition: '' }, fields = [] }: SigmaRule) {
  const selections = Object.entries(detection).filter(([name]) => name !== 'condition')
  const names = selections.flatMap(([, selection]) =>
    Object.keys(selection as object).map((key) => key.split('|')[0] ?? ''),
  )
  return [...new Set([...names, ...fields])]
}

/** Whether an event fits the condition of a rule. `rename` gives the name that a field has in the event. */
export function fits(
  { detection }: SigmaRule,
  event: Values,
  rename: (field: string) => string = (field) => field,
): boolean {
  if (detection === undefined) throw new Error('a correlation looks at no single event')
  const truth = (name: string): boolean => {
    const selection = detection[name]
    if (typeof selection !== 'object' || selection === null || Array.isArray(selection))
      throw new Error(`${name} is no selection`)
    return Object.entries(selection).every(([key, wanted]) => {
      const [field = '', modifier] = key.split('|')
      return holds(event.get(rename(field)) ?? [], modifier, wanted)
    })
  }
  return disjunction(detection.condition.split(/\s+|(?=[()])|(?<=[()])/).filter(Boolean), truth)
}

function holds(values: readonly unknown[], modifier: string | undefined, wanted: unknown): boolean {
  if (modifier === 'exists') return values.some((value) => value !== null) === wanted
  const some = (Array.isArray(wanted) ? wanted : [wanted]) as readonly Scalar[]
  return values.some((value) => some.some((one) => compare(value, modifier, one)))
}

// Texts are compared without regard to case.
function compare(value: unknown, modifier: string | undefined, wanted: Scalar): boolean {
  if (modifier === 'gte') return typeof value === 'number' && value >= Number(wanted)
  const [text, part] = [JSON.stringify(value), JSON.stringify(wanted)].map((one) =>
    one.toLowerCase().replaceAll(/^"|"$/g, ''),
  ) as [string, string]
  if (/[*?\\]/.test(part)) throw new Error(`${part}: wildcards are not read here`)
  if (modifier === 'contains') return text.includes(part)
  if (modifier !== undefined) throw new Error(`${modifier} is not read here`)
  return text === part
}

type Truth = (name: string) => boolean

// `or` binds least, then `and`, then `not`; brackets bind most.
function disjunction(words: string[], truth: Truth): boolean {
  let value = conjunction(words, truth)
  while (words[0] === 'or') {
    words.shift()
    value = conjunction(words, truth) || value
  }
  if (words.length > 0 && words[0] !== ')') throw new Error(`${words.join(' ')} is left over`)
  return value
}

function conjunction(words: string[], truth: Truth): boolean {
  let value = negation(words, truth)
  while (words[0] === 'and') {
    words.shift()
    value = negation(words, truth) && value
  }
  return value
}

function negation(words: string[], truth: Truth): boolean {
  const word = words.shift()
  if (word === undefined) throw new Error('the condition ends too early')
  if (word === 'not') return !negation(words, truth)
  if (word !== '(') return truth(word)
  const value = disjunction(words, truth)
  if (words.shift() !== ')') throw new Error('a bracket is not closed')
  return value
}
