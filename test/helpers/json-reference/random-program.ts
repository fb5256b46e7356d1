/** Random programs: every selector, reach, edit and scope, with counters, and small tables now and then. */
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import type {
  Edit,
  EditContext,
  Leaf,
  ProgramSource,
  Scope,
  Target,
  Transformed,
  Treatment,
} from '../../../src/json/program-source.ts'
import { parseQuery, parseRelativeQuery } from '../../../src/json/query/parse.ts'
import type { Random } from './random.ts'

const COUNTERS = 3
/** How much longer an answer may be than the value: output must grow. */
const LONG_TIMES = 40
const NAMES = [
  'a',
  'b',
  'id',
  'email',
  'kind',
  'é',
  'long name of more than eight bytes',
  '🙂',
  'n/o',
]
const LITERALS = [
  "'x'",
  "'a'",
  "''",
  '1',
  '10',
  '0',
  'true',
  'null',
  '9007199254740993',
  "'a@b.example'",
]
const SCOPES = ['$..*', '$.*', '$', '$[*][*]', '$..[?@.id]', '$..a']
const OPERATORS = ['==', '!=', '<', '<=', '>', '>=']
const INDICES = [0, 1, 2, -1, -2, 5]
const SLICES = [
  ':2',
  '1:',
  '-2:',
  '::2',
  '::-1',
  '::-2',
  '3:0:-1',
  '-1:0:-2',
  '1:-1',
  ':',
  '2:9:3',
  '::0',
]

/** A program, and the text of its queries for a report. */
export interface RandomProgram {
  readonly source: ProgramSource
  readonly text: string
  /** Key ids that transforms will ask for; whoever runs the program adds them here. */
  readonly keys: Set<string>
  /** What transforms do on the way: whoever runs the program may have them run it on something else. */
  readonly aside: { run: (() => void) | undefined }
}

/** What transforms share with whoever runs them. */
type Shared = Pick<RandomProgram, 'keys' | 'aside'>

/** Targets, treatments, scopes and limits at random. */
export function randomProgram(random: Random): RandomProgram {
  const shared: Shared = { keys: new Set(), aside: { run: undefined } }
  const targets: Target[] = []
  for (let count = random.pick([0, 1, 2, 3, 5, 12]); count > 0; count -= 1) {
    const reach = random.pick(['subtree', 'subtree', 'subtree', 'leaf', 'names'] as const)
    targets.push({ query: parseQuery(randomQuery(random)), reach })
  }
  const scopes: Scope[] = []
  for (let count = random.pick([0, 1, 1, 2]); count > 0; count -= 1) {
    const id = random.pick(['@.id', '@.id', '@', '@.a.id', '@[0]', '@[-1]', "@['é']"])
    const at = random.oneIn(2) ? randomQuery(random) : random.pick(SCOPES)
    scopes.push({ at: parseQuery(at), id: parseRelativeQuery(id) })
  }
  const treatments = targets.map(({ reach }) => randomTreatment(random, reach, shared))
  const nothing = random.oneIn(4) ? randomTreatment(random, 'leaf', shared) : treatment()
  const checksNames = random.oneIn(3)
  const source: ProgramSource = {
    targets,
    scopes,
    counterCount: COUNTERS,
    resolve: (set) =>
      combined(
        set.flatMap((at) => treatments[at] ?? []),
        checksNames ? { ...nothing, foreignName } : nothing,
      ),
    limits: {
      ...DEFAULT_LIMITS,
      statesMax: random.pick([2, 4, 16, 4096]),
      scopeIdsMax: random.pick([0, 1, 2, 5_000]),
    },
  }
  const lines = targets.map(({ query, reach }) => `${reach} ${query.text}`)
  const scopeLines = scopes.map(({ at, id }) => `scope ${at.text} id ${id.text}`)
  return { source, text: [...lines, ...scopeLines].join('\n'), ...shared }
}

/** Says no more than the length of a foreign name, and counts it. */
function foreignName(name: string, context: EditContext): string {
  context.count(0, 1)
  return `~${name.length}`
}

function treatment(parts: Partial<Treatment> = {}): Treatment {
  return { leaf: undefined, container: undefined, memberName: undefined, counters: [], ...parts }
}

/** The first edit of each kind wins, whatever the set; counters add up. */
function combined(parts: readonly Treatment[], nothing: Treatment): Treatment {
  if (parts.length === 0) return nothing
  return {
    leaf: parts.find(({ leaf }) => leaf !== undefined)?.leaf,
    container: parts.find(({ container }) => container !== undefined)?.container,
    memberName: parts.find(({ memberName }) => memberName !== undefined)?.memberName,
    foreignName: parts.find(({ foreignName }) => foreignName !== undefined)?.foreignName,
    counters: parts.flatMap(({ counters }) => counters),
  }
}

const BY_TYPE: Edit = {
  kind: 'by-type',
  string: Buffer.from('"text"'),
  number: Buffer.from('0'),
  boolean: Buffer.from('false'),
}

function randomTreatment(random: Random, reach: Target['reach'], shared: Shared): Treatment {
  const counters = random.oneIn(2) ? [random.integer(COUNTERS)] : []
  if (reach === 'names') {
    const isCounted = random.oneIn(2)
    return treatment({
      counters,
      memberName: (name: string, context: EditContext) => {
        if (isCounted) context.count(0, 1)
        shared.aside.run?.()
        return name.length === 1 ? name : `<${name.slice(0, 1)}"${name.length}>`
      },
    })
  }
  switch (random.integer(6)) {
    case 0:
      return treatment({ counters, leaf: { kind: 'suppress' }, container: { kind: 'suppress' } })
    case 1: {
      const json = Buffer.from(random.pick(['"***"', 'null', '0', '[1, {"id": 2}]', '"é"']))
      const edit: Edit = { kind: 'constant', json }
      return treatment({ counters, leaf: edit, container: edit })
    }
    case 2:
      return treatment({ counters })
    case 3:
      return treatment({ counters, container: { kind: 'suppress' } })
    case 4:
      return treatment({ counters, leaf: BY_TYPE })
    default:
      return treatment({
        counters,
        leaf: { kind: 'transform', apply: randomApply(random, shared) },
      })
  }
}

/** An operator whose answer hangs on nothing but the value, and that asks for a key for some. */
function randomApply(
  random: Random,
  { keys, aside }: Shared,
): (leaf: Leaf, context: EditContext) => Transformed {
  const needs = random.oneIn(3)
  const kind = random.pick(['string', 'string', 'long', 'json', 'keep'])
  return (leaf, context) => {
    context.count(1, leaf.text.length)
    aside.run?.()
    const key = leaf.text.slice(0, 1)
    if (needs && !keys.has(key)) return { kind: 'need', keyIds: [key] }
    if (kind === 'keep' || leaf.text === 'y') return { kind: 'keep' }
    if (kind === 'long') return { kind: 'string', text: `${leaf.text}é`.repeat(LONG_TIMES) }
    if (kind === 'json') return { kind: 'json', json: `[${leaf.text.length}]` }
    return { kind: 'string', text: `${leaf.type}"${[...leaf.text].reverse().join('')}\\` }
  }
}

function randomQuery(random: Random): string {
  let text = '$'
  for (let count = random.pick([0, 1, 1, 2, 2, 3, 4]); count > 0; count -= 1) {
    const dots = random.integer(4) === 0 ? '..' : ''
    const selectors = [selector(random, 0)]
    while (random.oneIn(5)) selectors.push(selector(random, 0))
    text += `${dots}[${selectors.join(', ')}]`
  }
  return text
}

function selector(random: Random, depth: number): string {
  switch (random.integer(9)) {
    case 0:
    case 1:
      return '*'
    case 2:
      return String(random.pick(INDICES))
    case 3:
      return random.pick(SLICES)
    case 4:
    case 5:
      return `?${test(random, depth)}`
    default:
      return quotedName(random)
  }
}

function quotedName(random: Random): string {
  return `'${random.pick(NAMES)}'`
}

/** Half of all filters are of the kind that a look-ahead decides. */
function test(random: Random, depth: number): string {
  const isSimple = random.oneIn(2)
  const one = () => (isSimple ? simpleTest(random) : anyTest(random, depth))
  const parts = [one()]
  while (random.oneIn(3)) parts.push(one())
  return parts.join(random.pick([' && ', ' || ']))
}

function simpleTest(random: Random): string {
  const own = `@[${quotedName(random)}]`
  const not = random.oneIn(4) ? '!' : ''
  if (random.oneIn(3)) return `${not}${own}`
  const compared = `${own} ${random.pick(OPERATORS)} ${random.pick(LITERALS)}`
  return not === '' ? compared : `!(${compared})`
}

function anyTest(random: Random, depth: number): string {
  const from = random.oneIn(8) ? '$' : '@'
  const singular = `${from}${random.oneIn(3) ? '' : `[${quotedName(random)}]`}`
  switch (random.integer(6)) {
    case 0:
      return `${singular} ${random.pick(OPERATORS)} ${random.pick(LITERALS)}`
    case 1:
      return `${singular} ${random.pick(OPERATORS)} @[${random.pick(INDICES)}]`
    case 2:
      return `length(${singular}) ${random.pick(OPERATORS)} 2`
    case 3:
      return `count(@.*) ${random.pick(OPERATORS)} 2`
    case 4:
      return `${random.oneIn(2) ? '!' : ''}@..[${quotedName(random)}]`
    default:
      return depth > 1 ? '@' : `@[${selector(random, depth + 1)}]`
  }
}
