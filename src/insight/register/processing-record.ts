/**
 * The record of processing (GDPR art. 30(1)) as far as the policy tells it. What it does not tell is named, so that nobody
 * takes the record for whole.
 */
import { statedRetention } from '../../rules/compile/register.ts'
import { kindsOf } from '../../rules/compile/route-queries.ts'
import type { PolicyDocument } from '../../rules/policy/document.ts'
import type { RegisteredPolicy } from './access-register.ts'

export interface ProcessingRecord {
  readonly controller: string | undefined
  readonly officer: string | undefined
  readonly purposes: readonly string[]
  /** Words of the policy; and the kinds that routes name. */
  readonly dataSubjects: readonly string[]
  readonly kinds: readonly string[]
  readonly categories: readonly DataCategory[]
  readonly recipients: readonly string[]
  /** The helpdesks that the data comes from. */
  readonly sources: readonly string[]
  readonly transfers: readonly string[]
  readonly measures: readonly string[]
  /** Keys of the policy that would say what is missing here. */
  readonly missing: readonly string[]
}

/** One class as a category of personal data. */
export interface DataCategory {
  readonly class: string
  readonly sensitive: boolean
  readonly owner: string | undefined
  /** Time limit of erasure, as it is stated; the gateway does not enforce it. */
  readonly retention: string | undefined
}

/** The record; nothing of it decides anything. */
export function processingRecord(policy: RegisteredPolicy): ProcessingRecord {
  const { document } = policy
  const { register = {} } = document
  const categories = Object.entries(document.classes).map(([name, entry]) => ({
    class: name,
    sensitive: entry.sensitive === true,
    owner: entry.owner,
    retention: statedRetention(document, name),
  }))
  const roles = Object.entries(document.roles).map(([name, { owner }]) =>
    owner === undefined ? `role ${name}` : `role ${name} (owner: ${owner})`,
  )
  return {
    controller: register.controller,
    officer: register.officer,
    purposes: [
      ...(register.purposes ?? []),
      ...Object.keys(document.purposes ?? {}).map((name) => `purpose of requests: ${name}`),
    ],
    dataSubjects: register.dataSubjects ?? [],
    kinds: [...new Set(document.routes.flatMap(kindsOf))],
    categories,
    recipients: [...roles, ...(register.recipients ?? [])],
    sources: Object.keys(document.upstreams),
    transfers: register.transfers ?? [],
    measures: [...measures(policy), ...(register.measures ?? [])],
    missing: [...missing(document), ...missingOf(categories)],
  }
}

function missing(document: PolicyDocument): readonly string[] {
  const { register = {} } = document
  const keys = [
    'controller',
    'officer',
    'purposes',
    'dataSubjects',
    'recipients',
    'transfers',
  ] as const
  const unowned = Object.entries(document.roles).filter(([, { owner }]) => owner === undefined)
  return [
    ...keys.filter((key) => register[key] === undefined).map((key) => `register.${key}`),
    ...unowned.map(([role]) => `roles.${role}.owner`),
  ]
}

function missingOf(categories: readonly DataCategory[]): readonly string[] {
  return [
    ...categories.flatMap((one) => (one.owner === undefined ? [`classes.${one.class}.owner`] : [])),
    ...categories.flatMap((one) =>
      one.retention === undefined ? [`register.retention: ${one.class}`] : [],
    ),
  ]
}

// Art. 32(1), as far as the gateway is one.
function measures({ document, compiled }: RegisteredPolicy): readonly string[] {
  const { identity, audit, detect = [], inbound = {} } = document
  const { retention } = audit ?? {}
  const levels = Object.keys(identity.assurance ?? {})
  return [
    `${compiled.routeList.length} routes are listed, every other is refused`,
    `${compiled.classes.size} classes are masked for whoever is not granted them`,
    ...(compiled.routeList.some(({ queries }) => queries.unlisted === 'show')
      ? []
      : ['what no line of the policy names is masked']),
    ...(levels.length === 0 ? [] : [`levels of assurance: ${levels.join(', ')}`]),
    ...(identity.training === undefined
      ? []
      : [`whose privacy training is older than ${identity.training.maxAge} sees no class`]),
    ...(detect.length === 0
      ? []
      : [`look-ups are watched: ${detect.map(({ name }) => name).join(', ')}`]),
    ...(Object.keys(inbound).length === 0
      ? []
      : [`taken out of texts that are written: ${Object.keys(inbound).join(', ')}`]),
    'each access is on record before the answer leaves, in a chain of hashes',
    ...(document.keys?.checkpoint === undefined ? [] : ['the chain is signed']),
    `records are kept ${retention?.records ?? 'for good'}, findings ${retention?.findings ?? 'for good'}`,
  ]
}
