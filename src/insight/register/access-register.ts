/**
 * The register of roles: what each role may see of each class, under which conditions and why, and what of it was used. Made
 * from the policy and from what the audit told of use; it decides nothing.
 */
import { expandClassPattern } from '../../rules/compile/classes.ts'
import type { CompiledPolicyWithQueries } from '../../rules/compile/compile-policy.ts'
import type { PolicyDocument } from '../../rules/policy/document.ts'
import type { UsageLine } from '../usage-report.ts'
import { breakGlassConditions, revealConditions, showConditions } from './conditions.ts'

/** A policy with the document that it was compiled from. */
export interface RegisteredPolicy {
  readonly compiled: CompiledPolicyWithQueries
  readonly document: PolicyDocument
}

/** One way in which one role has one class; `masked` where it has none. */
export interface AccessRow {
  readonly role: string
  readonly roleOwner: string | undefined
  readonly class: string
  readonly classOwner: string | undefined
  readonly sensitive: boolean
  readonly access: 'show' | 'reveal' | 'break-glass' | 'masked'
  /** What those see who do not have it in clear: the operator, as its canonical text. */
  readonly mask: string
  /** Classes that are looked for in it, where it is text: who sees it in clear sees them in it. */
  readonly holds: readonly string[]
  /** Whether the role may set it. */
  readonly sets: boolean
  readonly justification: string | undefined
  readonly conditions: readonly string[]
  /** Routes that can hold it and that the role may use. */
  readonly routes: readonly string[]
  /** Undefined: the audit was not read. */
  readonly use: AccessUse | undefined
}

/** What the audit tells of a role and a class, whatever the way. */
export interface AccessUse {
  readonly shown: number
  readonly revealed: number
  readonly accesses: number
  readonly agents: number
  readonly agentsAtLeast: boolean
  readonly lastMs: number | undefined
}

/** Every role with every class, in the order of the policy. `usage` as {@link UsageLine} tells it by role. */
export function accessRegister(
  policy: RegisteredPolicy,
  usage: readonly UsageLine[] | undefined,
): readonly AccessRow[] {
  const { document } = policy
  const uses = usage && new Map(usage.map((line) => [keyOf(line.who, line.class), line]))
  return Object.keys(document.roles).flatMap((role) =>
    Object.keys(document.classes).flatMap((dataClass) => {
      const use = uses && useOf(uses.get(keyOf(role, dataClass)))
      return rowsOf(policy, role, dataClass).map((row) => ({ ...row, use }))
    }),
  )
}

/** The rows by which a role sees a class in clear, or can come to. */
export function isGranted({ access }: AccessRow): boolean {
  return access !== 'masked'
}

/** Whether a granted row was used by nobody; undefined where the audit was not read, or a grant cannot tell. */
export function isUnused({ access, use }: AccessRow): boolean | undefined {
  if (use === undefined || access === 'masked' || access === 'break-glass') return undefined
  return use.accesses === 0
}

type BareRow = Omit<AccessRow, 'use'>

function rowsOf(policy: RegisteredPolicy, role: string, dataClass: string): readonly BareRow[] {
  const { compiled, document } = policy
  const entry = document.roles[role]
  const shows = named(entry?.show, dataClass)
  const reveals = entry?.reveal?.[dataClass]
  const grants = entry?.breakGlass?.classes.includes(dataClass) === true
  const mask = compiled.dataClasses.get(dataClass)?.mask
  const common = {
    role,
    roleOwner: entry?.owner,
    class: dataClass,
    classOwner: document.classes[dataClass]?.owner,
    sensitive: document.classes[dataClass]?.sensitive === true,
    mask: mask?.id ?? 'redact',
    holds: mask?.scan?.classes ?? [],
    sets: shows || named(entry?.write, dataClass),
    routes: routesOf(compiled, role, dataClass),
  }
  const masked = { ...common, access: 'masked', justification: undefined, conditions: [] } as const
  const justification = entry?.justification
  if (shows)
    return [
      {
        ...common,
        access: 'show',
        justification,
        conditions: showConditions(document, dataClass),
      },
    ]
  const rows: BareRow[] = []
  if (reveals !== undefined)
    rows.push({
      ...common,
      access: 'reveal',
      justification: reveals.justification ?? justification,
      conditions: revealConditions(document, dataClass, reveals),
    })
  if (grants && entry?.breakGlass !== undefined)
    rows.push({
      ...common,
      access: 'break-glass',
      justification: entry.breakGlass.justification ?? justification,
      conditions: breakGlassConditions(document, dataClass, entry.breakGlass),
    })
  return rows.length > 0 ? rows : [masked]
}

function named(patterns: readonly string[] | undefined, dataClass: string): boolean {
  return (patterns ?? []).some((pattern) => expandClassPattern(pattern, [dataClass]).length > 0)
}

// With what each of them asks of every request.
function routesOf(
  { routeList }: CompiledPolicyWithQueries,
  role: string,
  dataClass: string,
): readonly string[] {
  return routeList.flatMap(({ template, classes, roles, assurance, purposes }) => {
    if (!classes.has(dataClass) || roles?.has(role) === false) return []
    const asked = [
      ...(assurance === undefined ? [] : [`assurance ${assurance.name}`]),
      ...(purposes === undefined ? [] : [`purpose ${[...purposes].join(' or ')}`]),
    ]
    return [asked.length === 0 ? template.text : `${template.text} (${asked.join(', ')})`]
  })
}

function keyOf(role: string, dataClass: string): string {
  return JSON.stringify([role, dataClass])
}

function useOf(line: UsageLine | undefined): AccessUse {
  const { shown = 0, revealed = 0, accesses = 0, agents = 0, agentsAtLeast = false } = line ?? {}
  return { shown, revealed, accesses, agents, agentsAtLeast, lastMs: line?.lastMs }
}
