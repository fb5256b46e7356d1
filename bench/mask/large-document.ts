/**
 * Writes one JSON document of about so many megabytes to standard output: a list of users in the shape of the shipped
 * policy. `node bench/mask/large-document.ts 1000 > large.json`
 */
import { once } from 'node:events'

const USERS_PER_PIECE = 1_000

/** The pieces of a document of at least `bytes`; the ids go on from one to the next. */
export function* largeDocument(bytes: number): Generator<string> {
  yield '{"users":['
  let written = 0
  for (let id = 1; written < bytes; id += USERS_PER_PIECE) {
    const users = Array.from({ length: USERS_PER_PIECE }, (_, index) => user(id + index)).join(',')
    const piece = id === 1 ? users : `,${users}`
    written += piece.length
    yield piece
  }
  yield '],"next_page":null,"count":0}\n'
}

function user(id: number): string {
  const phone = String(id % 10_000_000).padStart(7, '0')
  return `{"id":${id},"name":"Ada Example","email":"user.${id}@example.com","phone":"+1555${phone}","role":"end-user","notes":"Called on Monday about the invoice, wants the address changed.","tags":["vip"],"user_fields":{"national_id":"99425349Y","card_on_file":"4111111111111111","customer_tier":"gold"},"created_at":"2025-09-21T00:00:00Z"}`
}

if (import.meta.main) {
  const megabytes = Number(process.argv[2])
  if (!(megabytes > 0)) throw new RangeError('how many megabytes?')
  for (const piece of largeDocument(megabytes * 1_000_000)) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
}
