/** Resolves the classes of a policy and what each role may see of them. */
import { allowListOf, isAllowEntry } from '../../recognizers/allow-list.ts'
import type { ActiveRecognizer } from '../../recognizers/scanner.ts'
import type { AssuranceLevel } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { OperatorInstance, OperatorKeys, ScannedClasses } from '../operator.ts'
import { buildOperator } from '../operators/registry.ts'
import { canTellMasks } from '../writes/returned.ts'
import {
  NotSupportedError,
  OperatorParameterError,
  OperatorUnknownError,
} from '../operators/errors.ts'
import { REDACT } from '../operators/redact.ts'
import { levelOf } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { compileFindInText } from './find-in-text.ts'

export interface DataClass {
  readonly name: string
  readonly mask: OperatorInstance
  readonly sensitive: boolean
  /** What it needs to be shown in clear. */
  readonly assurance: AssuranceLevel | undefined
  /** True for values that are nobody's, by its allow-list. */
  readonly isAllowed: (value: string) => boolean
  /** What finds it in text; none: nothing does. */
  readonly recognizers: readonly ActiveRecognizer[]
}

export interface ClassContext {
  readonly keys: OperatorKeys
  readonly levels: ReadonlyMap<string, AssuranceLevel>
}

/** Classes by name, in the order of the policy. */
export function compileClasses(
  document: PolicyDocument,
  { keys, levels }: ClassContext,
  complaints: Complaints,
): ReadonlyMap<string, DataClass> {
  const classes = new Map<string, DataClass>()
  const scanned = scannedClasses(document, classes, complaints)
  for (const [name, entry] of Object.entries(document.classes)) {
    const path = ['classes', name, 'mask']
    try {
      const mask = buildOperator(entry.mask, { ...keys, dataClass: name, classes: scanned })
      const assurance = levelOf(['classes', name, 'assurance'], entry.assurance, levels, complaints)
      const allowed = (entry.find?.allow ?? []).filter(isAllowEntry)
      const isAllowed = allowListOf(allowed)
      classes.set(name, {
        name,
        mask,
        sensitive: entry.sensitive === true,
        assurance,
        isAllowed,
        recognizers: scanned.recognizersOf(name),
      })
    } catch (error) {
      if (error instanceof NotSupportedError) complaints.addNotSupported(path, error.message)
      else if (error instanceof OperatorParameterError || error instanceof OperatorUnknownError) {
        complaints.add(path, error.message, 'operators are listed in docs/policy.md')
      } else throw error
    }
  }
  checkScans(classes, complaints)
  return classes
}

function scannedClasses(
  document: PolicyDocument,
  classes: ReadonlyMap<string, DataClass>,
  complaints: Complaints,
): ScannedClasses {
  const recognizers = compileFindInText(document, complaints)
  return {
    names: Object.keys(document.classes),
    recognizersOf: (name) => recognizers.get(name) ?? [],
    // A class without an entry cannot come from a checked policy; hiding it keeps a slip from showing it.
    maskOf: (name) => classes.get(name)?.mask ?? REDACT,
  }
}

// What is found in a text is a value, and is not looked into again.
function checkScans(classes: ReadonlyMap<string, DataClass>, complaints: Complaints): void {
  for (const { name, mask } of classes.values()) {
    const inner = mask.scan?.classes.find((found) => classes.get(found)?.mask.scan !== undefined)
    if (inner !== undefined) {
      complaints.add(
        ['classes', name, 'mask'],
        `operator scan: \`${inner}\` is a class of texts itself, and no value in one`,
      )
    }
  }
}

/** For each role, the classes that it sees in clear. */
export function compileRoles(
  document: PolicyDocument,
  complaints: Complaints,
): ReadonlyMap<string, ReadonlySet<string>> {
  const names = Object.keys(document.classes)
  const roles = new Map<string, ReadonlySet<string>>()
  for (const [role, entry] of Object.entries(document.roles)) {
    const shown = new Set<string>()
    for (const [index, pattern] of (entry.show ?? []).entries()) {
      const path = ['roles', role, 'show', index]
      const found = expandClassPattern(pattern, names)
      if (found.length === 0) complaints.requireKnown(path, 'class', pattern, names)
      for (const name of found) {
        shown.add(name)
        if (document.classes[name]?.sensitive === true && entry.justification === undefined) {
          complaints.add(
            path,
            `\`${role}\` shows \`${name}\`, which is sensitive, without a justification`,
            `add roles.${role}.justification: why this role needs it`,
          )
        }
      }
    }
    roles.set(role, shown)
  }
  return roles
}

/** For each role, the classes that it may set without seeing them. */
export function compileRoleWrites(
  document: PolicyDocument,
  classes: ReadonlyMap<string, DataClass>,
  complaints: Complaints,
): ReadonlyMap<string, ReadonlySet<string>> {
  const names = Object.keys(document.classes)
  const roles = new Map<string, ReadonlySet<string>>()
  for (const [role, entry] of Object.entries(document.roles)) {
    const writable = new Set<string>()
    for (const [index, pattern] of (entry.write ?? []).entries()) {
      const path = ['roles', role, 'write', index]
      const found = expandClassPattern(pattern, names)
      if (found.length === 0) complaints.requireKnown(path, 'class', pattern, names)
      for (const name of found) {
        writable.add(name)
        const mask = classes.get(name)?.mask
        if (mask !== undefined && !canTellMasks(mask)) {
          complaints.add(
            path,
            `\`${role}\` may set \`${name}\`, whose masks look like values: one that comes back could not be told from a new value`,
            'give the class another operator, or do not let a role set it that may not see it',
          )
        }
      }
    }
    roles.set(role, writable)
  }
  return roles
}

/** The classes a pattern names: itself, or with `.*` at its end all below. */
export function expandClassPattern(pattern: string, names: readonly string[]): readonly string[] {
  if (!pattern.endsWith('.*')) return names.filter((name) => name === pattern)
  const prefix = pattern.slice(0, -1)
  return names.filter((name) => name.startsWith(prefix))
}
