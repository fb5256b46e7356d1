/** What can be wrong where a policy says what data is asked for. */
import { test } from 'tap'
import { PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults, route } from './table.ts'

const DERIVED = (header: string, match: string) =>
  `purposes: { support: { derive: [{ header: ${header}, match: ${match} }] } }\n`

test('purposes that could not be asked for are refused', (t) => {
  checkFaults(t, [
    {
      name: 'a route for what is no purpose',
      policy: `purposes: { support: {} }\n${BODY}${route('purpose: [support, ▸suport]')}`,
      says: [/unknown purpose `suport`/],
      hints: [/did you mean `support`/],
    },
    {
      name: 'the same by default',
      whole: `${PRELUDE.replace('unlisted: mask', 'purpose: [▸refund]')}${BODY}  []\n`,
      says: [/unknown purpose `refund`/],
    },
    {
      name: 'a name that no header could spell, and a key of nobody',
      policy: `purposes: { ▸Support: {}, refund: { ▸derived: [] } }\n${BODY}  []\n`,
      says: [/Support/, /unknown key `purposes.refund.derived`/],
    },
    {
      name: 'a header that is not the caller’s to say',
      policy: `${DERIVED('▸authorization', 'a')}${BODY}  []\n`,
      says: [/./],
    },
    {
      name: 'a referer that is no address',
      policy: `${DERIVED('referer', '▸"/tickets/{ticket:integer}"')}${BODY}  []\n`,
      says: [/not an address as browsers write it/],
    },
    {
      name: 'an address in a spelling that no browser has',
      policy: `${DERIVED('referer', '▸"https://Desk.example.com/a"')}${BODY}  []\n`,
      says: [/not an address as browsers write it/],
    },
    {
      name: 'a wildcard',
      policy: `${DERIVED('referer', '▸"https://desk.example.com/*"')}${BODY}  []\n`,
      says: [/a wildcard is not a route/],
    },
    {
      name: 'a parameter that nothing keeps',
      policy: `${DERIVED('x-ticket', '▸"{id:integer}"')}${BODY}  []\n`,
      says: [/the only parameter that is kept is \{ticket\}/],
    },
    {
      name: 'an answer that a cache would keep for other purposes',
      policy: `purposes: { support: {} }\n${BODY}${route('purpose: [support]', 'pass: { opaque: [image/png] }', '▸cache: { maxAge: 1h }')}`,
      says: [/a cache keeps is used for any purpose/],
    },
  ])
  t.end()
})
