/** Documents whose keys, shape or strings hide what they hold. */
import { gzipSync } from 'node:zlib'
import { userBody } from '../helpers/helpdesk-answers.ts'
import type { World } from '../helpers/world.ts'
import type { Row } from './json-row.ts'

/** Lines 43 and 44: keys twice, escaped, in other letters, and keys of the language. */
export function keyRows({ canaries }: World): Row[] {
  const email = canaries.make('email', 'user.email')
  const masked = `${email.charAt(0)}***@${email.split('@')[1] ?? ''}`
  const user = (members: string) => `{"user":{${members}}}`
  const escaped = (text: string) =>
    Array.from(text, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  const secret = canaries.make('text', 'user.unlisted')
  return [
    [
      'D43',
      'a key twice',
      user(`"email":"a@b.example","email":"${email}"`),
      user(`"email":"***@b.example","email":"${masked}"`),
    ],
    [
      'D43',
      'a key twice, the other way',
      user(`"email":"${email}","email":"a@b.example"`),
      user(`"email":"${masked}","email":"***@b.example"`),
    ],
    [
      'D43',
      'a key twice, once escaped',
      user(`"email":"${email}","em\\u0061il":"${email}"`),
      user(`"email":"${masked}","em\\u0061il":"${masked}"`),
    ],
    [
      'D43',
      'the parent twice',
      `{"user":{"id":1},"user":{"email":"${email}"}}`,
      `{"user":{"id":1},"user":{"email":"${masked}"}}`,
    ],
    [
      'D43',
      'a plain key twice, one of them an object',
      user(`"role":"x","role":{"a":"${secret}"}`),
      user('"role":"x","role":{"a":"[masked]"}'),
    ],
    [
      'D43',
      'a key with a lone surrogate beside it',
      user(`"email\\ud800":"${secret}","email":"${email}"`),
      user(`"[masked]":"[masked]","email":"${masked}"`),
    ],
    ['D43', 'a key with NUL', user(`"email\\u0000":"${secret}"`), user('"[masked]":"[masked]"')],
    ['D44', 'an escaped key', user(`"em\\u0061il":"${email}"`), user(`"em\\u0061il":"${masked}"`)],
    [
      'D44',
      'a key of escapes',
      user(`"${escaped('email')}":"${email}"`),
      user(`"${escaped('email')}":"${masked}"`),
    ],
    [
      'D44',
      'an escaped parent',
      `{"\\u0075ser":{"email":"${email}"}}`,
      `{"\\u0075ser":{"email":"${masked}"}}`,
    ],
    [
      'D44',
      'a plain key, escaped',
      user('"\\u0069d":9007199254740993'),
      user('"\\u0069d":9007199254740993'),
    ],
    ['D44', 'an escaped value', user(`"email":"${escaped(email)}"`), user(`"email":"${masked}"`)],
    [
      'D44',
      'other case',
      user(`"Email":"${secret}","EMAIL":"${secret}"`),
      user('"Email":"[masked]","EMAIL":"[masked]"'),
    ],
    [
      'D44',
      'spaces about the key',
      user(`" email":"${secret}","email ":"${secret}"`),
      user('"[masked]":"[masked]","[masked]":"[masked]"'),
    ],
    ['D44', 'a homoglyph', user(`"еmail":"${secret}"`), user('"[masked]":"[masked]"')],
    [
      'D44',
      'an invisible character',
      user(`"e\u200bmail":"${secret}"`),
      user('"[masked]":"[masked]"'),
    ],
    [
      'D44',
      'keys made of data',
      user(`"${email}":1,"Jane Doe":{"+34 600 123 456":2},"4111111111111111":[]`),
      user('"[masked]":0,"[masked]":{"[masked]":0},"[masked]":[]'),
    ],
    ['D44', 'an empty key', user(`"":"${secret}"`), user('"":"[masked]"')],
    [
      'D44',
      'keys of the language',
      user(`"__proto__":{"email":"${email}"},"constructor":"${secret}","toString":"${secret}"`),
      user(`"__proto__":{"email":"${masked}"},"constructor":"[masked]","toString":"[masked]"`),
    ],
    [
      'D44',
      '__proto__ as the document',
      `{"__proto__":{"user":{"email":"${email}"}}}`,
      `{"__proto__":{"user":{"email":"${masked}"}}}`,
    ],
  ]
}

/** Line 48: what no query names is masked, so that another shape shows nothing. */
export function shapeRows({ canaries }: World): Row[] {
  const email = canaries.make('email', 'user.email')
  const masked = `${email.charAt(0)}***@${email.split('@')[1] ?? ''}`
  const c = canaries.make('text', 'user.unlisted')
  const m = '[masked]'
  const card = canaries.make('card', 'user.card')
  return [
    [
      'D48',
      'an array of users',
      `{"user":[{"email":"${email}","name":"${c}","notes":"${c}"}]}`,
      `{"user":[{"email":"${masked}","name":"${m}","notes":"${m}"}]}`,
    ],
    [
      'D48',
      'an array as document',
      `[{"email":"${email}","name":"${c}"}]`,
      `[{"email":"${masked}","name":"${m}"}]`,
    ],
    [
      'D48',
      'users by id',
      `{"users":{"1":{"email":"${email}","name":"${c}"}}}`,
      `{"users":{"1":{"email":"${masked}","name":"${m}"}}}`,
    ],
    [
      'D48',
      'one level deeper',
      `{"data":{"user":{"name":"${c}","role":"${c}"}}}`,
      `{"data":{"user":{"name":"${m}","role":"${m}"}}}`,
    ],
    [
      'D48',
      'one level higher',
      `{"name":"${c}","notes":"${c}","id":7}`,
      `{"name":"${m}","notes":"${m}","id":0}`,
    ],
    ['D48', 'a scalar as document', `"${c}"`, `"${m}"`],
    ['D48', 'a number as document', card, '0'],
    ['D48', 'true as document', 'true', 'false'],
    ['D48', 'null as document', 'null', 'null'],
    [
      'D48',
      'an array where a class expects a string',
      `{"user":{"phone":["${canaries.make('phone', 'user.phone')}"]}}`,
      /^\{"user":\{"phone":/,
    ],
    [
      'D48',
      'an object where something plain is expected',
      `{"user":{"id":{"a":"${c}"},"tags":[["${c}"],{"a":"${c}"}]}}`,
      `{"user":{"id":{"a":"${m}"},"tags":[["${m}"],{"a":"${m}"}]}}`,
    ],
    [
      'D48',
      'a new member',
      `{"user":{"second_email":"${c}","x":{"y":[{"z":"${c}"}]}}}`,
      `{"user":{"second_email":"${m}","x":{"y":[{"z":"${m}"}]}}}`,
    ],
    [
      'D48',
      'a number, a boolean',
      `{"user":{"balance":${card},"vip":true}}`,
      '{"user":{"balance":0,"vip":false}}',
    ],
    [
      'D48',
      'a sideload',
      `{"user":{"id":7},"identities":[{"value":"${c}"}]}`,
      `{"user":{"id":7},"identities":[{"value":"${m}"}]}`,
    ],
    [
      'E62',
      'the same value elsewhere',
      `{"user":{"email":"${email}","login":"${email}"},"audit":[{"previous_value":"${email}"}]}`,
      `{"user":{"email":"${masked}","login":"${m}"},"audit":[{"previous_value":"${m}"}]}`,
    ],
  ]
}

/** Line 47: documents and data in strings. Unlisted strings are masked whole; a text class redacts. */
export function nestedRows({ canaries }: World): Row[] {
  const inner = userBody(canaries)
  const forms: readonly (readonly [name: string, text: string])[] = [
    ['JSON', JSON.stringify(inner).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(inner)).slice(1, -1)],
    ['base64', Buffer.from(inner).toString('base64')],
    ['base64url', Buffer.from(inner).toString('base64url')],
    ['hexadecimal', Buffer.from(inner).toString('hex')],
    ['URL encoding', encodeURIComponent(inner)],
    ['HTML', inner.replaceAll('"', '&quot;')],
    ['gzip in base64', gzipSync(inner).toString('base64')],
    ['a data: URL', `data:application/json;base64,${Buffer.from(inner).toString('base64')}`],
  ]
  return forms.flatMap(([name, text]): Row[] => [
    [
      'D47',
      `${name} in an unlisted string`,
      `{"user":{"payload":"${text}"}}`,
      '{"user":{"payload":"[masked]"}}',
    ],
    ['D47', `${name} in a text`, `{"user":{"notes":"${text}"}}`, '{"user":{"notes":"[redacted]"}}'],
    [
      'D47',
      `${name} in an address`,
      `{"user":{"email":"${text}"}}`,
      '{"user":{"email":"[redacted]"}}',
    ],
  ])
}
