/** Documents that are none, are too large or too deep, or hold numbers that other parsers break. */
import { userBody } from '../helpers/helpdesk-answers.ts'
import type { World } from '../helpers/world.ts'
import type { Row } from './json-row.ts'

/** Line 49: what is no JSON document, and what is one in spite of its looks. */
export function invalidRows({ canaries }: World): Row[] {
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

/** Lines 51 and 54: too deep, too long, very wide. */
export function sizeRows({ canaries }: World): Row[] {
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
      `{"user":{${many(30_000, (i) => `"k${i % 10_000}":"${c}"`)}}}`,
      /^\{"user":\{"k0":"\[masked\]",.*"k9999":"\[masked\]"\}\}$/,
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

/** Line 52: numbers keep their text. */
export function numberRows(): Row[] {
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
