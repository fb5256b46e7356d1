/**
 * A support shift with misuse in it, what the rules for a support desk find, and what the audit says can go:
 * `npm run simulate:shift`, or with seeds of your own `npm run simulate:shift -- 1001 1002`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { compileDetection } from '../../src/rules/compile/detect.ts'
import { Complaints } from '../../src/rules/compile/complaints.ts'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import type { DetectionRule } from '../../src/rules/detect/detection-rule.ts'
import { findingsOf, pseudonymOf } from './detect.ts'
import type { Finding } from './detect.ts'
import { DAY_MS } from './look.ts'
import type { Misuse } from './look.ts'
import { KIND_NAMES, misuses } from './misuse.ts'
import { createRandom } from './random.ts'
import { suggestionLines } from './suggest.ts'
import { createTeam, honestWork } from './work.ts'

/** Those of the table in docs/detection.md. Nothing was tuned by them. */
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 2_001)
const RULES = join(import.meta.dirname, '../../config/detect/support-desk.yaml')
const CLASSES =
  'person.name contact.email contact.phone payment.card payment.iban id.national'.split(' ')
/** What the goals are. */
const FOUND_SHARE = 0.9
const KINDS_FOUND = 11
const FALSE_PER_THOUSAND = 1

interface Outcome {
  readonly found: ReadonlySet<string>
  readonly falseFindings: readonly Finding[]
  readonly agentDays: number
  readonly looks: number
}

const given = process.argv.slice(2).map(Number)
const seeds = given.length > 0 ? given : SEEDS
const rules = shippedRules()
const outcomes: Outcome[] = []
for (const seed of seeds) {
  const outcome = await simulate(seed, rules)
  outcomes.push(outcome)
  const missed = KIND_NAMES.filter((name) => !outcome.found.has(name))
  const wrong = countedNames(outcome.falseFindings)
  process.stdout.write(
    `seed ${seed}: ${outcome.looks} requests, ${outcome.agentDays} agent-days; missed: ${missed.join(', ') || 'none'}; false: ${wrong.join(', ') || 'none'}\n`,
  )
}
process.stdout.write(summary(outcomes))
process.stdout.write(await suggestionLines(seeds[0] ?? 1))

function countedNames(findings: readonly Finding[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${name} (${count})`)
}

function shippedRules(): readonly DetectionRule[] {
  const { detect } = parse(readFileSync(RULES, 'utf8')) as Pick<PolicyDocument, 'detect'>
  const classes = Object.fromEntries(CLASSES.map((name) => [name, { mask: 'redact' }]))
  const keys = { audit: { version: 1, env: 'KEY' } }
  const document = { classes, keys, routes: [], detect } as unknown as PolicyDocument
  const complaints = new Complaints()
  const compiled = compileDetection(document, new Map(), complaints)
  const [wrong] = complaints.list()
  if (wrong !== undefined) throw new Error(wrong.message)
  return compiled
}

async function simulate(seed: number, all: readonly DetectionRule[]): Promise<Outcome> {
  const random = createRandom(seed)
  const team = createTeam(random)
  const work = honestWork(team, random)
  const planted = misuses(team, random)
  const looks = [...work.looks, ...planted.flatMap((misuse) => misuse.looks)]
  const ordered = looks.toSorted((a, b) => a.atMs - b.atMs)
  const findings = await findingsOf(ordered, all)
  const found = new Set<string>()
  const falseFindings = findings.filter((finding) => {
    const causes = planted.filter((misuse) => isAbout(finding, misuse))
    for (const { kind } of causes) found.add(kind)
    return causes.length === 0
  })
  return { found, falseFindings, agentDays: work.agentDays, looks: looks.length }
}

// Who is named, while it was going on or within a day after, and still in the window of the rule.
function isAbout({ rule, agent, owner, atMs }: Finding, misuse: Misuse): boolean {
  const afterMs = Math.min(rule.withinMs, DAY_MS)
  if (atMs < misuse.fromMs || atMs > misuse.toMs + afterMs) return false
  return rule.per === 'dataSubject'
    ? misuse.customer !== undefined && owner === pseudonymOf(misuse.customer)
    : misuse.agents.includes(agent)
}

function summary(all: readonly Outcome[]): string {
  const agentDays = all.reduce((sum, one) => sum + one.agentDays, 0)
  const wrong = all.flatMap(({ falseFindings }) => falseFindings)
  const rows = KIND_NAMES.map((name) => {
    const share = all.filter(({ found }) => found.has(name)).length / all.length
    return { name, share }
  })
  const kinds = rows.filter(({ share }) => share >= FOUND_SHARE).length
  const rate = (wrong.length / agentDays) * 1_000
  const lines = [
    '',
    '| Misuse | Found |',
    '| --- | --- |',
    ...rows.map(({ name, share }) => `| ${name} | ${Math.round(share * 100)} % |`),
    '',
    `${kinds} of ${rows.length} kinds in at least 90 % of ${all.length} seeds (goal: ${KINDS_FOUND}): ${kinds >= KINDS_FOUND ? 'reached' : 'missed'}`,
    `${wrong.length} false findings in ${agentDays} agent-days, ${rate.toFixed(2)} per 1,000 (goal: at most ${FALSE_PER_THOUSAND}): ${rate <= FALSE_PER_THOUSAND ? 'reached' : 'missed'}`,
  ]
  return `${lines.join('\n')}\n`
}
