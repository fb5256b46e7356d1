/** The search languages that a policy can name. */
import type { Grammar } from './grammar.ts'
import { names } from './names.ts'
import { odata } from './odata.ts'
import { rtJson } from './rt-json.ts'
import { ticketsql } from './ticketsql.ts'
import { value } from './value.ts'
import { zendesk } from './zendesk.ts'

export const GRAMMARS: readonly Grammar[] = [value, names, zendesk, ticketsql, odata, rtJson]

/** The language of this name. */
export function grammarOf(name: string): Grammar | undefined {
  return GRAMMARS.find((grammar) => grammar.name === name)
}
