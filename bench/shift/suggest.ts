/**
 * What `celosia insight suggest` proposes on the audit of a shift whose policy gives more than anybody uses: each planted surplus,
 * and nothing that was used. `node bench/shift/suggest.ts 1` does it for seed 1.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { isoTime } from '../../src/core/clock.ts'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { runProgram } from '../../src/cli/program.ts'
import { grantsOf } from '../../src/insight/policy-view.ts'
import type { RoleGrants } from '../../src/insight/policy-view.ts'
import { TEMPLATES } from './detect.ts'
import { DAY_MS, DAYS, START_MS } from './look.ts'
import type { Agent, Look } from './look.ts'
import { misuses } from './misuse.ts'
import { createRandom } from './random.ts'
import { revealedBy, REVEALED, SEARCHED, writeShift } from './shift-audit.ts'
import { createTeam, honestWork } from './work.ts'

const POLICY = join(import.meta.dirname, 'planted.yaml')
/** What the policy of the simulation gives too much, whatever the seed. */
const PLANTED: readonly string[] = [
  'unused-show agent person.birthdate',
  'unused-show billing contact.ip',
  'unused-reveal billing payment.iban',
  'unused-reveal lead id.account',
  'unused-write lead id.account',
  'unused-route GET /organizations/{id:integer}',
  'unproven-show agent contact.phone',
  'frequent-reveal billing id.national',
]
/** Of the looks of billing that held it, all but each fifth reveal it: planted, too. */
const REVEALS_NOT = 5

export interface ShiftSize {
  readonly seed: number
  /** Left out: all. */
  readonly agents?: readonly number[]
  readonly days?: number
}

export interface SuggestOutcome {
  readonly looks: number
  readonly proposed: readonly string[]
  /** Planted, and not proposed. */
  readonly missed: readonly string[]
  /** Proposed although it was used. */
  readonly wrong: readonly string[]
  /** Unused by what the looks say, and not proposed. */
  readonly overlooked: readonly string[]
  /** The certain ones, and those of them that the patch holds. */
  readonly certain: number
  readonly patched: number
  /** Whether `git apply` takes the patch, and the check what comes out. */
  readonly applies: boolean
}

/** Plays the shift, asks the command, applies its patch to a copy of the policy. */
export async function suggestOnShift(size: ShiftSize): Promise<SuggestOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'celosia-shift-'))
  try {
    return await inFolder(folder, size)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inFolder(folder: string, size: ShiftSize): Promise<SuggestOutcome> {
  const looks = looksOf(size)
  const file = join(folder, 'policies.yaml')
  copyFileSync(POLICY, file)
  const { compiled } = loadPolicy({ file, environment: {}, mode: 'author' })
  const grants = grantsOf(compiled)
  const journal = join(folder, 'journal')
  await writeShift(journal, looks, { grants, policy: compiled.sha256 })
  const fromMs = Math.round(looks[0]?.atMs ?? START_MS)
  const seconds = Math.ceil(((looks.at(-1)?.atMs ?? fromMs) - fromMs) / 1_000) + 1
  const patch = join(folder, 'tighter.patch')
  const time = ['--unused', `${seconds}s`, '--to', isoTime(fromMs + seconds * 1_000)]
  const given = ['--config', file, '--journal', journal, '--format', 'json', '--patch', patch]
  const lines = await celosia('insight', 'suggest', ...given, ...time)
  const found = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  const proposed = found.map(nameOf)
  const unused = unusedBy(looks, grants)
  execFileSync('git', ['apply', patch], { cwd: folder })
  const checked = await celosia('check', file).catch(() => '')
  return {
    looks: looks.length,
    proposed,
    missed: PLANTED.filter((name) => !proposed.includes(name)),
    wrong: proposed.filter((name) => !unused.includes(name)),
    overlooked: unused.filter((name) => !proposed.includes(name)),
    certain: found.filter(({ sort }) => sort === 'certain').length,
    patched: found.filter(({ patched }) => patched).length,
    applies: checked.includes('no faults'),
  }
}

interface Line {
  readonly kind: string
  readonly sort: string
  readonly role: string | null
  readonly class: string | null
  readonly route: string | null
  readonly roles?: readonly string[]
  readonly patched: boolean
}

function nameOf({ kind, role, class: name, route, roles = [] }: Line): string {
  return [kind, role, name, route, ...roles].filter((part) => part !== null).join(' ')
}

function looksOf({ seed, agents, days = DAYS }: ShiftSize): readonly Look[] {
  const random = createRandom(seed)
  const all = createTeam(random)
  const team = agents === undefined ? all : all.filter((_, index) => agents.includes(index))
  const honest = honestWork(team, random).looks
  // Misuse is use: nothing that was done is proposed to go. A small team has nobody to spare for it.
  const planted = agents === undefined ? misuses(all, random) : []
  const untilMs = START_MS + days * DAY_MS
  return [...honest, ...planted.flatMap(({ looks }) => looks)]
    .filter(({ atMs }) => atMs < untilMs)
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((look, index) => {
      const asks = look.agent.role === 'billing' && look.classes.includes(REVEALED.billing ?? '')
      return asks ? { ...look, reveals: index % REVEALS_NOT !== 0 } : look
    })
}

/** What nobody used, told from the looks alone: a second opinion, which knows nothing of records. */
function unusedBy(looks: readonly Look[], grants: RoleGrants): readonly string[] {
  const roles: readonly Agent['role'][] = ['agent', 'billing', 'lead']
  const by = (role: string) => looks.filter(({ agent }) => agent.role === role)
  const ofRoles = roles.flatMap((role) => {
    const own = by(role)
    const searched = own.some(({ term }) => term !== undefined) ? SEARCHED : ''
    const seen = new Set(own.flatMap(({ classes }) => classes))
    const asked = own.some(({ reveals }) => reveals === true) ? (REVEALED[role] ?? '') : ''
    return [
      ...[...(grants.show.get(role) ?? [])]
        .filter((name) => name !== searched && name !== asked)
        .map((name) => `${seen.has(name) ? 'unproven' : 'unused'}-show ${role} ${name}`),
      ...[...(grants.reveal.get(role) ?? [])]
        .filter((name) => name !== asked)
        .map((name) => `unused-reveal ${role} ${name}`),
      ...[...(grants.write.get(role) ?? [])].map((name) => `unused-write ${role} ${name}`),
      ...(isOftenRevealed(own, asked) ? [`frequent-reveal ${role} ${asked}`] : []),
    ]
  })
  const ofRoutes = Object.entries(TEMPLATES).flatMap(([name, route]) => {
    const callers = new Set(looks.flatMap((look) => (look.route === name ? look.agent.role : [])))
    const others = roles.filter((role) => !callers.has(role))
    if (callers.size === 0) return [`unused-route ${route}`]
    return others.length === 0 ? [] : [`unused-route-role ${route} ${others.join(' ')}`]
  })
  return [...ofRoles, ...ofRoutes, 'unused-route GET /organizations/{id:integer}']
}

// Only billing reveals one class all the time; leads do so now and then.
function isOftenRevealed(looks: readonly Look[], name: string): boolean {
  const held = looks.filter(({ classes }) => classes.includes(name))
  const revealed = held.filter((look) => revealedBy(look) === name)
  return revealed.length >= 50 && revealed.length >= held.length / 2
}

async function celosia(...args: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await runProgram(args, {
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    environment: {},
    signal: new AbortController().signal,
  })
  stdout.end()
  stderr.end()
  const [out, err] = await said
  if (code !== 0) throw new Error(err)
  return out
}

/** What the run prints of it. Throws where something planted was missed, or something used proposed. */
export async function suggestionLines(seed: number): Promise<string> {
  const { looks, proposed, missed, wrong, overlooked, certain, patched, applies } =
    await suggestOnShift({ seed })
  const lines = [
    '',
    `celosia insight suggest on the audit of seed ${seed} (${looks} records): ${proposed.length} suggestions, ${PLANTED.length - missed.length} of ${PLANTED.length} planted`,
    `missed: ${listed(missed)}; of something used: ${listed(wrong)}; overlooked: ${listed(overlooked)}`,
    `the patch holds ${patched} of ${certain} certain ones, applies, and is accepted by the check: ${applies ? 'yes' : 'no'}`,
  ]
  const isGood = [...missed, ...wrong, ...overlooked].length === 0 && patched === certain && applies
  if (!isGood) throw new Error(lines.join('\n'))
  return `${lines.join('\n')}\n`
}

function listed(names: readonly string[]): string {
  return names.join('; ') || 'none'
}

if (import.meta.main) process.stdout.write(await suggestionLines(Number(process.argv[2] ?? 1)))
