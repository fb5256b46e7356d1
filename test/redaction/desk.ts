/** A small helpdesk, its connector, and the command that redacts it. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Test } from 'tap'
import { journalEvents } from '../helpers/audit-events.ts'
import { runHere, type ProgramEnd } from '../helpers/program.ts'
import { CONNECTOR, startFakeHelpdesk, type FakeHelpdesk } from './fake-helpdesk.ts'

export const CARD = '4111 1111 1111 1111'
export const NAME = 'Zilpha Quarrington'
export const MAIL = 'zilpha@canary.example'
const SECRETS = [CARD, '41111111', 'Zilpha', 'Quarrington', 'canary']
export const BIG = '9007199254740993'

export interface Desk extends FakeHelpdesk {
  readonly run: (...args: readonly string[]) => Promise<ProgramEnd>
  readonly apply: (...args: readonly string[]) => Promise<ProgramEnd>
  /** Our own part of each record of a redaction. */
  readonly records: () => Promise<readonly Record<string, unknown>[]>
  readonly folder: string
}

/** With what runs the command on it. */
export async function startDesk(t: Test, connector = CONNECTOR): Promise<Desk> {
  const desk = await startFakeHelpdesk(t)
  const folder = t.testdir({ 'connector.yaml': connector })
  const journal = join(folder, 'journal')
  const env = {
    HELPDESK_URL: desk.upstream.url,
    HELPDESK_TOKEN: 'a-token',
    OIDC_ISSUER: 'http://127.0.0.1:9',
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
  }
  const run: Desk['run'] = (...args) =>
    runHere(['redact', '--connector', join(folder, 'connector.yaml'), ...args], { env })
  return Object.assign(desk, {
    folder,
    run,
    apply: (...args: readonly string[]) =>
      run('--apply', '--by', 'dana', '--journal', journal, ...args),
    records: async () =>
      (await journalEvents(journal)()).flatMap((event) => {
        const { celosia } = event['unmapped'] as { celosia: Record<string, unknown> }
        return celosia['run'] === undefined ? [] : [celosia]
      }),
  })
}

/** The source text of one. */
export const ticket = (id: string, subject: string, more = ''): string =>
  `{"id":${id},"subject":${JSON.stringify(subject)},"n":1.0${more}}`

/** What was printed. */
export function lines({ stdout }: ProgramEnd): readonly string[] {
  return stdout.split('\n').filter((line) => line !== '')
}

/** Nothing of the secrets is in the text. */
export function holdsNone(t: Test, text: string, what: string): void {
  t.same(
    SECRETS.filter((secret) => text.includes(secret)),
    [],
    what,
  )
}
