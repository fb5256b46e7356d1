/** Texts of a hostile author, each with a card, an address or a name in it, and what of them must never be found anywhere. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { withCheckDigit } from '../../demo/records/luhn.ts'

const CARD = withCheckDigit('492934567890123')
const GROUPS = CARD.replaceAll(/.{4}(?=.)/g, '$& ')
export const MAIL = 'canary.6a1f@mail.example.net'
export const NAME = 'Zilpha Quarrington'

/** What of these must never leave, whatever stands between its characters. */
const SECRETS = [
  '098765439294',
  '492934567890',
  '345678901',
  'canary.6a1f',
  'canary6a1f',
  'zilpha',
  'quarrington',
]

const twice = (text: string): string =>
  Buffer.from(Buffer.from(text).toString('base64')).toString('base64')

/** Texts of a hostile customer, each with the card or the address in it. */
export const TEXTS: Readonly<Record<string, string>> = {
  'E63 in groups': GROUPS,
  'E63 with no-break spaces': GROUPS.replaceAll(' ', '\u00a0'),
  'E63 with entities': `<p>${GROUPS.replaceAll(' ', '&nbsp;').replace('4', '&#52;')}</p>`,
  'E63 fullwidth': GROUPS.replaceAll(/\d/g, (digit) =>
    String.fromCodePoint(0xff10 + Number(digit)),
  ),
  'E63 digits of another script': CARD.replaceAll(/\d/g, (digit) =>
    String.fromCodePoint(0x0660 + Number(digit)),
  ),
  'E63 one by one': CARD.split('').join(' '),
  'E63 with nothing between': CARD.split('').join('\u200b'),
  'E63 with marks of direction': `\u202e${CARD.split('').join('\u2069')}`,
  'E63 shown from right to left': `\u202e${Array.from(GROUPS).toReversed().join('')}\u202c`,
  'D47 base64': `see ${Buffer.from(`my card is ${CARD} ok`).toString('base64')}`,
  'D47 base64url': Buffer.from(`{"mail":"${MAIL}"}`).toString('base64url'),
  'D47 hexadecimal': Buffer.from(`card ${CARD}, thanks`).toString('hex'),
  'D47 base64 twice': twice(`my card is ${CARD} ok`),
  'D47 packed': gzipSync(`my card is ${CARD} ok`).toString('base64'),
  'D47 a data URL': `data:text/plain;base64,${Buffer.from(`mail ${MAIL} now`).toString('base64')}`,
  'D47 JSON in a string': JSON.stringify({ a: [GROUPS] }),
  'D47 percents': encodeURIComponent(`card ${GROUPS}`),
  'E63 split by tags': `<b>${GROUPS.slice(0, 9)}</b><i>${GROUPS.slice(9)}</i>`,
  'E63 split by a comment': `${GROUPS.slice(0, 7)}<!-- -->${GROUPS.slice(7)}`,
  'E63 in an attribute': `<img alt="${GROUPS}" src='x'>`,
  'E63 in a tag that does not end': `<b ${GROUPS}`,
  'E63 in a comment': `<!-- ${GROUPS} -->`,
  'E63 quoted-printable': `${GROUPS.slice(0, 7)}=\r\n${GROUPS.slice(7)}`,
  'E63 an address in words': MAIL.replace('@', ' (at) ').replaceAll('.', ' (dot) '),
  'E63 an address with percents': MAIL.replace('@', '%40'),
  'E63 an address quoted-printable': MAIL.replace('@', '=40').replaceAll('.', '=2E'),
  'E63 an address in a link': `<a href="mailto:${MAIL}?subject=x">mail</a>`,
  'E63 an address in Markdown': `[mail](mailto:${MAIL})`,
  'E63 an encoded word': `Subject: =?utf-8?B?${Buffer.from(`card ${CARD}`).toString('base64')}?=`,
  'E63 two encoded words': `=?utf-8?Q?card_${CARD.slice(0, 8)}?= =?utf-8?Q?${CARD.slice(8)}?=`,
  'E62 a name that another field has': `Dear ${NAME}, or ${NAME.toUpperCase()}, or Zilpha`,
  'E62 a name with accents and tags': `<i>Zílpha</i> QUARRINGTON`,
}

/** The text, and what its long words say, in every order of decoding. */
function said(text: string, depth = 3): string {
  if (depth === 0) return text
  const words = text.match(/[A-Za-z0-9+/_-]{24,}/g) ?? []
  const inside = words.flatMap((word) => [
    Buffer.from(word, 'base64').toString(),
    Buffer.from(word, 'hex').toString(),
    unpacked(Buffer.from(word, 'base64')),
    Array.from(word).toReversed().join(''),
  ])
  return [text, ...inside.map((one) => said(one, depth - 1))].join('\n')
}

function unpacked(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString()
  } catch {
    return ''
  }
}

/** What of the secrets is in a text, whatever encodes it. */
export function secretsIn(text: string): readonly string[] {
  const plain = bare(said(text))
  return SECRETS.filter((secret) => plain.includes(secret))
}

/** The answer without what separates characters, and with what stands for them undone. */
function bare(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/=\?utf-8\?B\?([^?]*)\?=/gi, (_word, base64: string) =>
      Buffer.from(base64, 'base64').toString(),
    )
    .replaceAll(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replaceAll(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/[^\p{L}\p{N}.]/gu, '')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
}
