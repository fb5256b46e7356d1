/** Fields that carry personal data and stand in no line of the policy: by what sampled answers had. */
import { counted } from '../../core/counted.ts'
import type { CompiledPolicyWithQueries } from '../../rules/compile/compile-policy.ts'
import type { ObservedUse, SeenUnlisted } from './observed-use.ts'
import type { Suggestion } from './suggestion.ts'

/** Sampled answers in which it must have been found. */
const ANSWERS_MIN = 3
/** Of the strings, those that were nearly nothing else: then the field is of the class, else it is a text with such data in it. */
const WHOLE_SHARE = 0.8

/** One suggestion for each location and class that it should have. */
export function unlistedData(
  policy: CompiledPolicyWithQueries,
  seen: ObservedUse,
): readonly Suggestion[] {
  return policy.routeList.flatMap(({ template, queries }) => {
    // Where what no line names is masked, a class would show it to those who see the class. Whatever a record says.
    if (queries.unlisted !== 'show') return []
    const { answers, finds } = seen.unlisted(template.text)
    const often = finds.filter((find) => find.answers >= ANSWERS_MIN)
    const suggestions = new Map<string, Suggestion>()
    // What is found most often speaks for a text in which several classes are.
    for (const find of often.toSorted((a, b) => b.answers - a.answers)) {
      const name = classFor(find, policy)
      const key = JSON.stringify([find.at, name ?? find.class])
      if (!suggestions.has(key))
        suggestions.set(key, suggestionOf(find, { route: template.text, name, sampled: answers }))
    }
    return [...suggestions.values()]
  })
}

/** The class of the field: that of the data, or one of texts that are looked through for it; undefined: there is none. */
function classFor(
  { class: name, strings, whole }: SeenUnlisted,
  { dataClasses }: CompiledPolicyWithQueries,
): string | undefined {
  if (whole >= strings * WHOLE_SHARE) return name
  return [...dataClasses.values()].find(({ mask }) => mask.scan?.classes.includes(name) === true)
    ?.name
}

interface Circumstances {
  readonly route: string
  readonly name: string | undefined
  readonly sampled: number
}

function suggestionOf(
  { at, class: found, named, answers, strings, whole }: SeenUnlisted,
  { route, name, sampled }: Circumstances,
): Suggestion {
  const query = shortOf(at)
  const kept = { kind: 'unlisted-data', route, class: name ?? found } as const
  return {
    ...kept,
    proposal: `${query} is of ${kept.class}`,
    evidence: `${name === found ? '' : `with ${found} in it, `}found in ${answers} of ${counted(sampled, 'sampled answer')}`,
    counts: { answers, sampled, strings, whole },
    change: named
      ? name === undefined
        ? { why: `no class of texts of the policy looks for ${found}` }
        : { kind: 'add-field', route, class: name, query }
      : {
          why: 'names on the way there are neither in the policy nor in its fixture, and not told',
        },
  }
}

/** A normalized path in the short form that people write, `$.user.name`. */
function shortOf(at: string): string {
  return at.replaceAll(/\['([A-Za-z_][A-Za-z0-9_]*)'\]/g, '.$1')
}
