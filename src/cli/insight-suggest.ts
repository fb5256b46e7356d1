/** `celosia insight suggest`: what of a policy was not used and can go, as a report and as a patch. It changes nothing. */
import { counted } from '../core/counted.ts'
import { existsSync, writeFileSync } from 'node:fs'
import { basename, isAbsolute, relative } from 'node:path'
import { isoTime, systemClock } from '../core/clock.ts'
import { closest } from '../core/closest.ts'
import { durationWithin, parseDuration } from '../core/duration.ts'
import { ObservedUse } from '../insight/suggest/observed-use.ts'
import { policyPatch } from '../insight/suggest/policy-patch.ts'
import type { PolicyPatch } from '../insight/suggest/policy-patch.ts'
import { suggest } from '../insight/suggest/suggest.ts'
import { SUGGESTION_KINDS } from '../insight/suggest/suggestion.ts'
import type { Suggestion, SuggestionKind } from '../insight/suggest/suggestion.ts'
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import { PolicyInvalidError } from '../rules/policy/fault.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import type { TimeSpan } from './time-span.ts'
import { matching } from './audit-matching.ts'
import { choiceOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, CommandOption, OptionValues } from './command.ts'
import { loadPolicy, readPolicyFile } from './load-policy.ts'
import { STORE_OPTIONS } from './stores.ts'
import { jsonText, plainText, tableLines } from './table.ts'

const OPEN_KINDS = (Object.keys(SUGGESTION_KINDS) as SuggestionKind[]).filter(
  (kind) => SUGGESTION_KINDS[kind] === 'open',
)
const FORMATS = ['table', 'json', 'patch']

export const insightSuggest: Command = {
  name: 'insight suggest',
  summary: 'Propose a tighter policy by what was not used, as a report and as a patch.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    unused: { type: 'string', value: 'TIME', help: 'not used for so long', default: '30d' },
    to: {
      ...(TIME_OPTIONS['to'] as CommandOption),
      help: 'not used before this time; left out: now',
    },
    role: { type: 'string', value: 'ROLE', help: 'only what this role has' },
    patch: {
      type: 'string',
      value: 'FILE',
      help: 'write the patch there: a file that is not there yet',
    },
    with: {
      type: 'string',
      value: 'KIND,...',
      help: `put these into the patch, too: ${OPEN_KINDS.join(', ')}`,
    },
    format: {
      type: 'string',
      value: FORMATS.join('|'),
      help: 'how to print; patch: the patch alone',
      default: 'table',
    },
    ...STORE_OPTIONS,
  },
  notes: [
    'The patch is a unified diff of the policy, for `patch -p1` or `git apply`. Nothing is applied by itself.',
    'What is in it, `celosia check` accepts. docs/insight.md says what each kind means, and what records cannot know.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const asked = askedOf(values)
    const file = requiredOption(values, 'config')
    const bytes = readPolicyFile(file)
    const load = { file, environment: io.environment, mode: 'author' } as const
    const { compiled } = loadPolicy({ ...load, bytes })
    const role = knownRole(textOption(values, 'role'), compiled)
    const seen = await observe(compiled, asked.span, { values, io })
    requireWhole(seen, asked)
    const suggestions = suggest({ policy: compiled, seen, role })
    const patch = policyPatch(
      suggestions.filter(({ kind }) => asked.kinds.has(kind)),
      {
        text: bytes.toString('utf8'),
        name: nameOf(file),
        when: `in the ${asked.unused} until ${isoTime(asked.span.toMs)}`,
        faultOf: (text) => faultOf(() => loadPolicy({ ...load, bytes: Buffer.from(text) })),
      },
    )
    for (const note of notesOf(seen, asked, patch)) await writeLine(io.stderr, plainText(note))
    await print(suggestions, patch, asked, io)
    if (asked.patchFile !== undefined) await save(patch, asked.patchFile, io)
    return 0
  },
}

interface Asked {
  readonly span: TimeSpan
  /** As it was given. */
  readonly unused: string
  /** Kinds that the patch holds. */
  readonly kinds: ReadonlySet<string>
  readonly format: string
  readonly patchFile: string | undefined
}

function askedOf(values: OptionValues): Asked {
  const format = choiceOption(values, 'format', FORMATS)
  const unused = requiredOption(values, 'unused')
  const unusedMs = parseDuration(unused)
  if (unusedMs === undefined) throw new UsageError('--unused is a duration, such as 30d')
  const nowMs = systemClock.nowMs()
  const { toMs } = timeSpan({ to: values['to'] })
  const untilMs = Number.isFinite(toMs) ? toMs : nowMs
  if (untilMs > nowMs) throw new UsageError('--to lies in the future, of which no record tells')
  const extra = textOption(values, 'with')?.split(',') ?? []
  const unknown = extra.find((kind) => !(OPEN_KINDS as readonly string[]).includes(kind))
  if (unknown !== undefined) throw new UsageError(`--with takes ${OPEN_KINDS.join(' and ')}`)
  const certain = Object.entries(SUGGESTION_KINDS).flatMap(([kind, sort]) =>
    sort === 'certain' ? [kind] : [],
  )
  const patchFile = textOption(values, 'patch')
  // Never over a file that is there: it could be the policy.
  if (patchFile !== undefined && existsSync(patchFile))
    throw new UsageError(`--patch ${plainText(patchFile)} is there already`)
  return {
    span: { fromMs: untilMs - unusedMs, toMs: untilMs },
    unused,
    kinds: new Set([...certain, ...extra]),
    format,
    patchFile,
  }
}

function knownRole(role: string | undefined, { roles }: CompiledPolicy): string | undefined {
  if (role === undefined || roles.has(role)) return role
  const near = closest(role, roles)
  throw new UsageError(
    `the policy has no role ${plainText(role)}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

interface Source {
  readonly values: OptionValues
  readonly io: CommandIo
}

async function observe(
  { sha256: policy, roles, classes, routeList }: CompiledPolicy,
  span: TimeSpan,
  { values, io }: Source,
): Promise<ObservedUse> {
  const routes = new Set(routeList.map(({ template }) => template.text))
  const seen = new ObservedUse({ ...span, policy, roles, classes, routes })
  // Those before the span, too: they tell how far the audit goes back.
  const always = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }
  for await (const stored of matching(always, values, io)) seen.take(stored)
  return seen
}

// What no record could tell of was not unused: it was not seen.
function requireWhole({ wholeSinceMs, accesses }: ObservedUse, { span, unused }: Asked): void {
  if (!Number.isFinite(wholeSinceMs))
    throw new UsageError('there is no record in this audit, so nothing can be told of what is used')
  if (wholeSinceMs > span.fromMs) {
    const most = durationWithin(span.toMs - wholeSinceMs)
    throw new UsageError(
      `the audit begins at ${isoTime(wholeSinceMs)}, and nothing can be told of the ${unused} before ${isoTime(span.toMs)}; ${most === undefined ? 'ask for a later time with --to' : `the most that can be asked for is --unused ${most}`}`,
    )
  }
  if (accesses === 0)
    throw new UsageError(
      `there is no access on record in the ${unused} before ${isoTime(span.toMs)}: is this the audit of the gateway?`,
    )
}

function notesOf(
  { policySinceMs }: ObservedUse,
  { span }: Asked,
  { left }: PolicyPatch,
): readonly string[] {
  const notes = left.map(
    ({ suggestion, why }) => `not in the patch: ${proposed(suggestion)}: ${why}`,
  )
  if (policySinceMs === undefined)
    notes.push('note: no record is of this policy; is it the one in force?')
  else if (policySinceMs > span.fromMs)
    notes.push(
      `note: this policy is on record since ${isoTime(policySinceMs)}; what it grants since then had less time to be used`,
    )
  return notes
}

async function print(
  suggestions: readonly Suggestion[],
  patch: PolicyPatch,
  { format }: Asked,
  { stdout }: CommandIo,
): Promise<void> {
  if (format === 'patch') {
    if (patch.diff !== '') await writeLine(stdout, patch.diff.replace(/\n$/, ''))
    return
  }
  const lines =
    format === 'json' ? suggestions.map((one) => json(one, patch)) : words(suggestions, patch)
  for (const line of lines) await writeLine(stdout, line)
}

function json(suggestion: Suggestion, { made, left }: PolicyPatch): string {
  const { kind, role, class: name, route, roles, shownOn, proposal, evidence, counts } = suggestion
  return jsonText({
    kind,
    sort: SUGGESTION_KINDS[kind],
    role: role ?? null,
    class: name ?? null,
    route: route ?? null,
    ...(roles !== undefined && { roles }),
    ...(shownOn !== undefined && { shown_on: shownOn }),
    proposal,
    evidence,
    counts,
    patched: made.includes(suggestion),
    left: left.find((one) => one.suggestion === suggestion)?.why ?? null,
  })
}

function words(suggestions: readonly Suggestion[], { made }: PolicyPatch): readonly string[] {
  if (suggestions.length === 0) return ['nothing: all that the policy gives was used']
  const rows = suggestions.map((one) => [
    one.kind,
    one.role,
    one.class ?? one.route,
    made.includes(one) ? 'yes' : 'no',
  ])
  const told = suggestions.map((one) => plainText(`- ${proposed(one)}: ${one.evidence}`))
  return [...tableLines(['kind', 'role', 'class or route', 'in the patch'], rows), '', ...told]
}

function proposed({ route, proposal }: Suggestion): string {
  return route === undefined ? proposal : `${route}: ${proposal}`
}

async function save({ diff, made }: PolicyPatch, file: string, io: CommandIo): Promise<void> {
  if (diff === '') {
    await writeLine(io.stderr, 'there is nothing to patch, and no file was written')
    return
  }
  try {
    writeFileSync(file, diff, { flag: 'wx' })
  } catch (cause) {
    throw new UsageError(`--patch ${plainText(file)} cannot be written`, {
      cause,
    })
  }
  await writeLine(
    io.stderr,
    `in ${plainText(file)}: ${counted(made.length, 'change')}; look at each before you apply it`,
  )
}

function faultOf(load: () => unknown): string | undefined {
  try {
    load()
    return undefined
  } catch (error) {
    if (!(error instanceof PolicyInvalidError)) throw error
    return error.faults[0]?.message ?? error.message
  }
}

// From where the command runs; a policy elsewhere is named by its file alone.
function nameOf(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') || isAbsolute(path) ? basename(file) : path
}
