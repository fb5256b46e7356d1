/** The part of the policy schema on what data is asked for. */
import { map, object, text } from './schema-parts.ts'

const PURPOSE = '^[a-z][a-z0-9-]{0,63}$'

/** `purposes`. */
export const purposes = map(
  'What data can be asked for, by name: Celosia-Purpose.',
  PURPOSE,
  object('A purpose.', {
    derive: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      description: 'What a request is recognized by that does not say its purpose itself.',
      items: object(
        'A header, and what it says.',
        {
          header: text('referer, or a header whose name begins with x-', {
            pattern: '^(referer|x-[a-z0-9-]{1,60})$',
          }),
          match: text(
            'Of referer an address, https://desk.example.com/tickets/{ticket:integer}; else the whole value, {ticket:integer}',
          ),
        },
        ['header', 'match'],
      ),
    },
  }),
  { maxProperties: 100 },
)

const needed = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: { type: 'string', pattern: PURPOSE },
  description: 'A request needs one of these purposes. Left out: none.',
}

/** `defaults.purpose`. */
export const purposeByDefault = needed

/** `routes[].purpose`. */
export const purposeNeeded = {
  anyOf: [{ const: 'none' }, needed],
  description: 'A request needs one of these purposes; or `none`. Left out: those of `defaults`.',
}
