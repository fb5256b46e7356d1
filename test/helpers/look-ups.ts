/** Looks at users through a gateway with rules on look-ups, and the findings that come of it. */
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import { userBody } from './helpdesk-answers.ts'
import { request } from './raw-client.ts'
import { jsonAnswer } from './upstream-answers.ts'
import { searchBudgets, startWorld } from './world.ts'
import type { World } from './world.ts'

type Rule = Omit<DetectDocument, 'then'> & Partial<Pick<DetectDocument, 'then'>>

/** The world with these rules beside the budgets of searches; each only flags unless it says more. */
export async function worldOf(t: Parameters<typeof startWorld>[0], rules: readonly Rule[]) {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...policy,
      detect: [
        ...searchBudgets(policy),
        // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
        ...rules.map((rule): DetectDocument => ({ then: ['flag'], ...rule })),
      ],
    }),
  })
  answerUsers(world)
  return world
}

/** Each user exists. */
export function answerUsers({ upstream, canaries }: World): void {
  upstream.answer(({ target }) => {
    const id = Number(target.split('/').at(-1))
    return jsonAnswer(userBody(canaries, id))
  })
}

/** Who asks. */
export interface Who {
  readonly subject?: string
  readonly roles?: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The status of one look at a user. */
export async function look(world: World, id: number, who: Who = {}): Promise<number> {
  const bearer = await world.token(who)
  const path = `/api/v2/users/${id}`
  return (await request(world.gateway.port, { path, token: bearer })).status
}

/** The own part of a finding. */
export interface Finding {
  readonly rule: string
  readonly observed: number | null
  readonly owner?: string
  readonly counted: string
}

/** Findings, oldest first. */
export async function findings({ gateway }: Pick<World, 'gateway'>): Promise<readonly Finding[]> {
  const records = (await gateway.records()).filter((event) => event['class_uid'] === 2004)
  return records.map((event) => (event['unmapped'] as { celosia: Finding }).celosia)
}
