/** Section D of the threat model: JSON that other parsers read in another way, or not at all. The policy is the shipped one. */
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { chunkedAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'

/** What a row says: number, name, body, and the body that leaves; undefined where nothing does. */
type Row = readonly [id: string, name: string, body: string | Buffer, leaves: Leaves]
type Leaves = string | RegExp | undefined

test('section D: every reading of a document is masked, or it does not leave', async (t) => {
  const world = await startWorld(t)
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const rows = [
    ...keyRows(world),
    ...shapeRows(world),
    ...nestedRows(world),
    ...invalidRows(world),
    ...sizeRows(world),
    ...numberRows(),
  ]
  const attacks = rows.flatMap(([id, name, body, leaves]): Attack[] => {
    const one = attack({ id, name, send, leaves, answer: whole(bytesOf(body)) })
    if (bytesOf(body).length > 4_096) return [one]
    // The same a byte at a time: no value is safe because it was cut.
    const cut = Array.from(bytesOf(body), (byte) => Buffer.from([byte]))
    const chunks = attack({
      id,
      name: `${name}, in chunks`,
      send,
      leaves,
      answer: chunkedAnswer(cut),
    })
    return [one, chunks]
  })
  const tally = await runAttacks(t, world, [...attacks, ...due()], createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

type Answered = Pick<Attack, 'id' | 'name' | 'send' | 'answer'> & { readonly leaves: Leaves }

function attack({ leaves, ...rest }: Answered): Attack {
  if (leaves === undefined) return { ...rest, expect: ['upstream-body-refused'] }
  return {
    ...rest,
    expect: ['permit'],
    check: (t, { body }) => {
      if (typeof leaves === 'string') t.equal(body.toString(), leaves, 'what leaves')
      else t.match(body.toString(), leaves, 'what leaves')
    },
  }
}

function whole(body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

// A string says UTF-16; a lone surrogate in it is for escapes only.
function bytesOf(body: string | Buffer): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : body
}

function keyRows({ canaries }: World): Row[] {
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
      user(`"email\\ud800":"[masked]","email":"${masked}"`),
    ],
    [
      'D43',
      'a key with NUL',
      user(`"email\\u0000":"${secret}"`),
      user('"email\\u0000":"[masked]"'),
    ],
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
      user('" email":"[masked]","email ":"[masked]"'),
    ],
    ['D44', 'a homoglyph', user(`"еmail":"${secret}"`), user('"еmail":"[masked]"')],
    [
      'D44',
      'an invisible character',
      user(`"e\u200bmail":"${secret}"`),
      user('"e\u200bmail":"[masked]"'),
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
function shapeRows({ canaries }: World): Row[] {
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
      'D62',
      'the same value elsewhere',
      `{"user":{"email":"${email}","login":"${email}"},"audit":[{"previous_value":"${email}"}]}`,
      `{"user":{"email":"${masked}","login":"${m}"},"audit":[{"previous_value":"${m}"}]}`,
    ],
  ]
}

/** Line 47: documents and data in strings. Unlisted strings are masked whole; a text class redacts. */
function nestedRows({ canaries }: World): Row[] {
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

function invalidRows({ canaries }: World): Row[] {
  const valid = userBody(canaries)
  const c = canaries.make('text', 'user.unlisted')
  const user = (members: string) => `{"user":{${members}}}`
  const broken: Readonly<Record<string, string | Buffer>> = {
    'two documents': valid + valid,
    'two documents on lines': `${valid}\n${valid}`,
    'an object behind it': `${valid}{}`,
    'a bracket behind it': `${valid}]`,
    'NUL behind it': `${valid}\0`,
    'a byte order mark': `\ufeff${valid}`,
    'a form feed before it': `\f${valid}`,
    'a no-break space before it': `\u00a0${valid}`,
    nothing: '',
    'white space': ' \n\t ',
    'a line comment': `// x\n${valid}`,
    'a block comment': valid.replace('{', '{/* x */'),
    'a comma at the end': user(`"a":"${c}",`),
    'a comma at the end of an array': user(`"tags":["${c}",]`),
    'two commas': user(`"a":"${c}",,"b":1`),
    'no comma': user(`"a":"${c}" "b":1`),
    'no colon': user(`"a" "${c}"`),
    'single quotes': user(`'a':'${c}'`),
    'a bare key': user(`a:"${c}"`),
    'a bare value': user(`"a":${c}`),
    NaN: user(`"a":"${c}","b":NaN`),
    Infinity: user(`"a":"${c}","b":-Infinity`),
    True: user(`"a":"${c}","b":True`),
    undefined: user(`"a":"${c}","b":undefined`),
    'a number with zeros before': user(`"a":"${c}","b":01`),
    'a number with a plus': user(`"a":"${c}","b":+1`),
    'a number without fraction': user(`"a":"${c}","b":1.`),
    'a number without whole part': user(`"a":"${c}","b":.5`),
    'a hexadecimal number': user(`"a":"${c}","b":0x1F`),
    'a minus alone': user(`"a":"${c}","b":-`),
    'an open string': `{"user":{"a":"${c}`,
    'an open object': valid.slice(0, -1),
    'half of it': valid.slice(0, valid.length / 2),
    'a line feed in a string': user(`"a":"${c}\n"`),
    'a tab in a string': user(`"a":"\t${c}"`),
    'NUL in a string': user(`"a":"\0${c}"`),
    'an unknown escape': user(`"a":"\\x41${c}"`),
    'half an escape': user(`"a":"${c}\\u00"`),
    'an escape at the end': `{"user":{"a":"${c}\\`,
    'the wrong bracket': `{"user":["${c}"}}`,
    'Latin-1': Buffer.from(user(`"name":"\u00e9${c}"`), 'latin1'),
    'UTF-16': Buffer.from(valid, 'utf16le'),
    'UTF-16 with a mark': Buffer.from(`\ufeff${valid}`, 'utf16le'),
    'an overlong sequence': Buffer.concat([
      Buffer.from(`{"user":{"a":"${c}`),
      Buffer.from([0xc0, 0xaf]),
      Buffer.from('"}}'),
    ]),
    'a surrogate as UTF-8': Buffer.concat([
      Buffer.from(`{"user":{"a":"${c}`),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}}'),
    ]),
    'half a character': Buffer.concat([
      Buffer.from(`{"user":{"a":"${c}`),
      Buffer.from([0xe2, 0x82]),
      Buffer.from('"}}'),
    ]),
    'bytes that are none': Buffer.concat([
      Buffer.from(`{"user":{"a":"${c}"}}`),
      Buffer.from([0xff, 0xfe]),
    ]),
  }
  const tolerated: readonly Row[] = [
    [
      'D49',
      'white space about it',
      ' \r\n\t{ "user" : { "id" : 7 } } \n',
      ' \r\n\t{ "user" : { "id" : 7 } } \n',
    ],
    [
      'D49',
      'lone surrogates, escaped',
      user(`"a":"\\ud800${c}","notes":"\\udc00","name":"\\ud83d"`),
      /^\{"user":\{"a":"\[masked\]","notes":"\[redacted\]",/,
    ],
  ]
  return [
    ...Object.entries(broken).map(([name, body]): Row => ['D49', name, body, undefined]),
    ...tolerated,
  ]
}

function sizeRows({ canaries }: World): Row[] {
  const c = canaries.make('text', 'user.unlisted')
  const nest = (depth: number, open: string, close: string) =>
    `${open.repeat(depth)}"${c}"${close.repeat(depth)}`
  const many = (count: number, one: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => one(i)).join(',')
  return [
    ['D51', 'nested 500 times', nest(500, '[', ']'), /^\[{500}"\[masked\]"\]{500}$/],
    ['D51', 'nested 3 000 times', nest(3_000, '[', ']'), undefined],
    ['D51', 'nested 7 000 times', nest(7_000, '{"a":', '}'), undefined],
    ['D51', 'nested 200 000 times', nest(200_000, '[', ']'), undefined],
    ['D51', 'opened 300 000 times', '['.repeat(300_000), undefined],
    ['D51', 'a key of 100 000 characters', `{"user":{"${'k'.repeat(100_000)}":"${c}"}}`, undefined],
    ['D51', 'a number of 100 000 digits', `{"user":{"id":${'9'.repeat(100_000)}}}`, undefined],
    [
      'D54',
      '30 000 members',
      `{"user":{${many(30_000, (i) => `"k${i}":"${c}"`)}}}`,
      /^\{"user":\{"k0":"\[masked\]",.*"k29999":"\[masked\]"\}\}$/,
    ],
    [
      'D54',
      '30 000 elements',
      `{"user":{"tags":[${many(30_000, () => '"vip"')}]}}`,
      /^\{"user":\{"tags":\["vip",.*"vip"\]\}\}$/,
    ],
    [
      'D54',
      'keys like numbers keep their order',
      '{"user":{"tags":["b","a"],"10":null,"9":null,"1":null}}',
      '{"user":{"tags":["b","a"],"10":null,"9":null,"1":null}}',
    ],
    [
      'D54',
      'a string of 900 000 characters',
      `{"user":{"notes":"${c.repeat(45_000)}"}}`,
      '{"user":{"notes":"[redacted]"}}',
    ],
  ]
}

function numberRows(): Row[] {
  const kept = [
    '9223372036854775807',
    '9007199254740993',
    '18446744073709551616',
    '1.0',
    '1e400',
    '-0',
    '1E+2',
    '0.10',
    '-0.0e-0',
  ]
  return kept.map((number): Row => {
    const body = `{"user":{"id":${number},"organization_id":${number}}}`
    return ['D52', `the number ${number} stays as it came`, body, body]
  })
}

function due(): Attack[] {
  return [
    {
      id: 'D47',
      name: 'strings are decoded to depth 2 and searched',
      due: 'recognizers in strings',
    },
    { id: 'D48', name: 'a declared shape is validated', due: 'response shapes' },
  ]
}
