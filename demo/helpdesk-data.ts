/** The stored records of the sample helpdesk as source text, found by id as text. */
import { readFile } from 'node:fs/promises'
import { STORED_ORIGIN } from './records/source-text.ts'
import { elementsOf, membersOf } from './slices.ts'

/** Source text of one record by its id, in stored order. Writes change it, for as long as the helpdesk runs. */
export type Records = Map<string, string>

/** Source texts that belong to one record, by that record's id. */
export type Groups = Map<string, readonly string[]>

export interface HelpdeskData {
  readonly users: Records
  readonly tickets: Records
  readonly organizations: Records
  readonly identities: Groups
  readonly comments: Groups
}

const FILES = ['users', 'tickets', 'organizations', 'identities', 'comments'] as const

/** The files of demo/data as they are stored. */
export type StoredTexts = Readonly<Record<(typeof FILES)[number], string>>

/** Reads demo/data. Rejects where a file is missing. */
export async function readStoredTexts(): Promise<StoredTexts> {
  const entries = await Promise.all(
    FILES.map(async (name) => [name, await readStored(name)] as const),
  )
  return Object.fromEntries(entries) as StoredTexts
}

/** The records, their absolute links pointing to `origin`. */
export function helpdeskData(texts: StoredTexts, origin: string): HelpdeskData {
  const linked = (text: string): string =>
    text
      .replaceAll(STORED_ORIGIN, origin)
      .replaceAll(slashesEscaped(STORED_ORIGIN), slashesEscaped(origin))
  return {
    users: recordsOf(linked(texts.users), 'users'),
    tickets: recordsOf(linked(texts.tickets), 'tickets'),
    organizations: recordsOf(linked(texts.organizations), 'organizations'),
    identities: groupsOf(linked(texts.identities)),
    comments: groupsOf(linked(texts.comments)),
  }
}

function readStored(name: string): Promise<string> {
  return readFile(new URL(`data/${name}.json`, import.meta.url), 'utf8')
}

function slashesEscaped(link: string): string {
  return link.replaceAll('/', String.raw`\/`)
}

function recordsOf(text: string, name: string): Records {
  return new Map(
    elementsOf(membersOf(text).get(name) ?? '[]').map((record) => {
      return [membersOf(record).get('id') ?? '', record]
    }),
  )
}

function groupsOf(text: string): Groups {
  return new Map([...membersOf(text)].map(([id, list]) => [id, elementsOf(list)] as const))
}
