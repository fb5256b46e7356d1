/** What a redaction looks for: classes of a policy, values of one data subject, or both. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { ValueDictionary } from '../../recognizers/dictionary/value-dictionary.ts'
import { createScanner, RECOGNIZERS_MAX } from '../../recognizers/scanner.ts'
import type { Sought } from '../../redaction/find-places.ts'
import { expandClassPattern } from '../../rules/compile/classes.ts'
import type { CompiledPolicyWithQueries } from '../../rules/compile/compile-policy.ts'
import { textOption, UsageError } from '../command.ts'
import type { CommandIo, OptionValues } from '../command.ts'

/** The class that values of a data subject are told as. */
const OF_THE_SUBJECT = 'data-subject'
const VALUES_MAX = 1_000

/** What is looked for, with the names of the classes. */
export interface SoughtClasses extends Sought {
  readonly classes: ReadonlySet<string>
}

/** Throws {@link UsageError} where there is nothing to look for. */
export async function soughtBy(
  values: OptionValues,
  policy: CompiledPolicyWithQueries,
  io: CommandIo,
): Promise<SoughtClasses> {
  const classes = textOption(values, 'class')
  const file = textOption(values, 'values')
  if (classes === undefined && file === undefined) {
    throw new UsageError('--class or --values is needed')
  }
  const names = (classes?.split(',') ?? []).flatMap((pattern) => named(pattern.trim(), policy))
  const sought = new Set(names)
  const recognizers = [...sought].flatMap((name) => policy.dataClasses.get(name)?.recognizers ?? [])
  if (recognizers.length > RECOGNIZERS_MAX) {
    throw new UsageError(`--class: more than ${RECOGNIZERS_MAX} recognizers and patterns`)
  }
  const least = suspectsOption(values)
  return {
    classes: sought,
    unsure:
      least === undefined
        ? undefined
        : createScanner(
            recognizers.map((one) => ({ ...one, atLeast: Math.min(one.atLeast, least) })),
          ),
    scanner: createScanner(recognizers),
    dictionary: file === undefined ? undefined : await dictionaryOf(file, io),
  }
}

function suspectsOption(values: OptionValues): number | undefined {
  const text = textOption(values, 'suspects')
  if (text === undefined) return undefined
  if (/^(?:0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?)$/.test(text)) return Number(text)
  throw new UsageError('--suspects is a confidence from 0 to 1, such as 0.2')
}

function named(pattern: string, { dataClasses }: CompiledPolicyWithQueries): readonly string[] {
  const known = [...dataClasses.keys()]
  const found = pattern === '*' ? known : expandClassPattern(pattern, known)
  if (found.length === 0) throw new UsageError(`--class: the policy has no class ${pattern}`)
  const isFound = (name: string): boolean => (dataClasses.get(name)?.recognizers.length ?? 0) > 0
  if (!found.some(isFound)) throw new UsageError(`--class: nothing finds ${pattern} in text`)
  return found.filter(isFound)
}

async function dictionaryOf(file: string, { stdin }: CommandIo): Promise<ValueDictionary> {
  const dictionary = new ValueDictionary()
  const input = file === '-' ? stdin : createReadStream(file)
  let count = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const value = line.trim()
      if (value === '') continue
      count += 1
      if (count > VALUES_MAX) throw new UsageError(`--values: more than ${VALUES_MAX} values`)
      if (!dictionary.addWhole(value, OF_THE_SUBJECT)) {
        throw new UsageError(`--values: line ${count} is too short, or too long, to be looked for`)
      }
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`--values: ${file} cannot be read`)
  }
  if (count === 0) throw new UsageError(`--values: there is no value in ${file}`)
  return dictionary
}
