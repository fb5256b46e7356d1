/** `celosia policy diff`: what a change of policy makes visible, masks, allows and refuses, before it is in force. */
import { counted } from '../core/counted.ts'
import { dirname, resolve } from 'node:path'
import { readBounded } from '../core/read-bounded.ts'
import { isLoosening } from '../insight/policy-diff/change.ts'
import type { Direction, PolicyChange } from '../insight/policy-diff/change.ts'
import { policyDiff } from '../insight/policy-diff/policy-diff.ts'
import { FIXTURE_BYTES_MAX } from '../rules/compile/fixture.ts'
import { choiceOption, LOOSER_EXIT_CODE, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import type { LoadResult } from './load-policy.ts'
import { jsonText, tableLines } from './table.ts'

const HEADINGS: Readonly<Record<Direction, string>> = {
  looser: 'looser:',
  unclear: 'cannot be told, and counts as looser:',
  stricter: 'stricter:',
  neutral: 'neither:',
}

export const policyDiffCommand: Command = {
  name: 'policy diff',
  summary: 'Tell what a change of policy makes visible, masks, allows and refuses.',
  operands: 'OLD NEW',
  options: {
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  notes: [
    'Exit 0 where nothing is looser, 6 where something is, or cannot be told. Values that could be secrets are not printed.',
    'Files beside the policies are not compared, but for GraphQL schemas.',
  ].join('\n'),
  run: async (values, operands, io) => {
    const [old, now, ...others] = operands
    if (old === undefined || now === undefined || others.length > 0)
      throw new UsageError('two policies are needed: celosia policy diff OLD NEW')
    const format = choiceOption(values, 'format', ['table', 'json'])
    const changes = diffOfFiles(old, now, io)
    const loosened = changes.filter(isLoosening).length
    const printed = format === 'json' ? changes.map(jsonText) : words(changes)
    for (const line of printed) await writeLine(io.stdout, line)
    await writeLine(io.stderr, `${counted(changes.length, 'change')}, ${loosened} of them looser`)
    return loosened > 0 ? LOOSER_EXIT_CODE : 0
  },
}

function diffOfFiles(
  old: string,
  now: string,
  { environment }: CommandIo,
): readonly PolicyChange[] {
  const [before, after] = [old, now].map((file) => ({
    file,
    ...loadPolicy({ file, environment, mode: 'author' }),
  })) as [FilePolicy, FilePolicy]
  return [...schemaChanges(before, after), ...policyDiff(before, after)]
}

interface FilePolicy extends LoadResult {
  readonly file: string
}

// The schema of an endpoint says what can be asked for.
function schemaChanges(before: FilePolicy, after: FilePolicy): readonly PolicyChange[] {
  const old = new Map(before.document.routes.map((route) => [route.match, route.graphql?.schema]))
  return after.document.routes.flatMap(({ match, graphql }): readonly PolicyChange[] => {
    const name = old.get(match)
    if (graphql === undefined || name !== graphql.schema) return []
    const [was, is] = [before, after].map(({ file }) =>
      readBounded(resolve(dirname(file), name), FIXTURE_BYTES_MAX),
    )
    if (was !== undefined && is !== undefined && was.equals(is)) return []
    const key = 'routes[].graphql.schema'
    return [{ direction: 'unclear', what: 'rule', route: match, key, to: 'another text' }]
  })
}

function words(changes: readonly PolicyChange[]): readonly string[] {
  if (changes.length === 0) return ['no change']
  return (Object.keys(HEADINGS) as Direction[]).flatMap((direction) => {
    const found = changes.filter((change) => change.direction === direction)
    if (found.length === 0) return []
    const rows = found.map(({ what, route, at, key, class: name, role, from, to }) => [
      what,
      route,
      at ?? key,
      name,
      role,
      from === to && from !== undefined ? 'changed' : from,
      from === to ? undefined : to,
    ])
    return [
      HEADINGS[direction],
      ...tableLines(['what', 'route', 'place or key', 'class', 'role', 'from', 'to'], rows),
      '',
    ]
  })
}
