/** What each recognizer takes for its data, and what it leaves. */
import { test } from 'tap'
import { RECOGNIZERS } from '../../src/recognizers/registry.ts'
import { active, found } from './scanning.ts'

interface Examples {
  /** What is found stands between ‹ and ›. */
  readonly finds: readonly string[]
  readonly leaves: readonly string[]
}

const EXAMPLES: Readonly<Record<string, Examples>> = {
  card: {
    finds: [
      'my card ‹4111 1111 1111 1111›, thanks',
      '‹4111111111111111›',
      '‹4111-1111-1111-1111›.',
      '‹5555.5555.5555.4444›',
      'amex ‹3782 822463 10005›',
      'diners ‹3056 930902 5904›',
      '‹4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1›',
      '‹4111 1111\n1111 1111›',
      'valid ‹4222222222222› of 13 digits',
      'with 19 digits ‹6304000000000000000›',
      'order 1234567890123, card ‹4111 1111 1111 1111›',
      'card ‹4O12 8888 8888 l88l›',
      '04/28 ‹4111 1111 1111 1111› 123',
    ],
    leaves: [
      '4111 1111 1111 1112',
      '9111 1111 1111 1111',
      'ID4111111111111111',
      '41111111111111114111',
      '+4111111111111111',
      '4111 111 1111 11111',
      '1Z4111111111111111',
    ],
  },
  iban: {
    finds: [
      '‹DE89 3704 0044 0532 0130 00›',
      'to ‹DE89370400440532013000›.',
      '‹gb29nwbk60161331926819›',
      '‹GB29 NWBK 6016 1331 9268 19› please',
      '‹NO93-8601-1117-947›',
      'IBAN: ‹ES91 2100 0418 4502 0005 1332›',
      '‹MT84MALT011000012345MTLCAST001S›',
    ],
    leaves: [
      'DE89 3704 0044 0532 0130 01',
      'XX89370400440532013000',
      'ADE89370400440532013000',
      'DE893704004405320130001',
    ],
  },
  email: {
    finds: [
      'write to ‹jane@example.com›.',
      '<‹jane.doe+shop@example.co.uk›>',
      'mailto:‹jane@example.com›?subject=x',
      '[‹jane@example.com›](mailto:‹jane@example.com›)',
      '‹maría.ñ@bücher.de›',
      '‹用户@例子.公司›',
      '‹JANE@EXAMPLE.COM›',
      "'‹o'neil@example.com›'",
      '‹jane%40example.com›',
      '‹jane (at) example (dot) com›',
      '‹jane[at]example[dot]com›',
      '‹jane {arroba} ejemplo.es›',
      '‹jane @ example . com›',
      '‹a@b.co›,‹c@d.org›',
      '‹jane@example.com›.Thanks a lot',
      '‹x@xn--bcher-kva.example›',
    ],
    leaves: [
      '@jane',
      'jane@',
      'jane@localhost',
      'logo@2x.png',
      'npm i @scope/name@1.2.3',
      'meet @ 5 . 30',
      '3@4.5',
      'j***@example.com',
    ],
  },
  phone: {
    finds: [
      'call ‹+34 612 345 678›',
      '‹+1 (212) 856-2345› or',
      '‹+44 (0)20 7946 0958›',
      '‹0034 612 345 678›',
      '‹(212) 856-2345›',
      '‹212-856-2345›',
      '‹612 34 56 78›',
      '‹06 12 34 56 78›',
      '‹06.12.34.56.78›',
      'Tel. ‹030/1234567›',
      'móvil ‹612345678›',
      'llámame al ‹612345678›',
      '‹(11) 97177-2085›',
      '‹07911 123456›',
      '‹+49 171 4822058› ext. 12'.replace('› ext. 12', ' ext. 12›'),
      'jane@example.com, ‹612345678›',
      '‹612345678› (móvil)',
    ],
    leaves: [
      'order 6123456789',
      '612345678',
      '2024-03-12 10:15',
      '12.03.2024',
      '192.168.10.12',
      'INV-2026-123456',
      '1.234.567,89 €',
      '$2128562345',
      'build 2026.11.25.1',
      'tracking 1234 5678 9012',
      'a/612 345 678',
    ],
  },
  'us-ssn': {
    finds: [
      'SSN ‹123-45-6789›',
      '‹123-45-6789›',
      'social ‹123 45 6789›',
      'my ssn is ‹123456789›',
      'ITIN ‹912-78-1234›',
    ],
    leaves: [
      '000-45-6789',
      '666-45-6789',
      '123-00-6789',
      '123-45-0000',
      '912-10-1234',
      '123456789',
      '1123-45-6789',
      '123-45-6789-1',
      'serial 123 45 6789',
    ],
  },
  'es-dni': {
    finds: [
      'DNI ‹12345678Z›',
      '‹12.345.678-Z›',
      '‹12345678-Z›',
      'nie ‹X1234567L›',
      '‹X-1234567-L›',
      'dni ‹12345678z›',
      '‹Y1234567X›',
    ],
    leaves: ['12345678A', 'X1234567A', '112345678Z', 'SKU 12345678Z', '12345678', '12345678ZZ'],
  },
  'es-cif': {
    finds: ['CIF ‹A58818501›', '‹B-12345674›', 'CIF ‹Q2818002D›'],
    leaves: ['A58818502', 'X58818501', 'AA58818501', 'Q28180022'],
  },
  national: {
    finds: [
      'NIR ‹2 55 08 14 168 025 38›',
      '‹255081416802538›',
      'Steuer-ID ‹36 574 261 809›',
      'contribuinte ‹123456789›',
      'CPF ‹529.982.247-25›',
      '‹AB 12 34 56 C›',
      'cpf ‹52998224725›',
    ],
    leaves: [
      '255081416802539',
      '123456789',
      '529.982.247-24',
      '36 574 261 808',
      'GB 12 34 56 C',
      '+36574261809',
    ],
  },
  ipv4: {
    finds: ['from ‹203.0.113.7›', '‹203.0.113.0/24›', '(‹8.8.8.8›)', 'error from ‹203.0.113.7›.'],
    leaves: [
      'version 10.2.14.3',
      'v10.2.14.3',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '127.0.0.1',
      '0.0.0.0',
      '01.2.3.4',
    ],
  },
  ipv6: {
    finds: [
      'from ‹2001:db8::1›',
      '‹2001:db8:0:0:0:0:0:1›',
      '[‹2001:db8::17:1›]:443',
      '‹2001:db8::/32› is'.replace('::/32›', '::1/64›'),
    ],
    leaves: ['12:30:45', 'std::vector', 'a::b', '::1', '00:1b:44:11:3a:b7', '1:2'],
  },
  url: {
    finds: [
      'see ‹https://user:secret@example.com/x›.',
      '‹https://example.com/?a=1&api_key=abcdef›',
      '‹postgres://app:pw@db:5432/x›',
      '(‹https://example.com/#access_token=abcdef›)',
      '‹https://example.com/?next=https://u:p@example.org/›',
    ],
    leaves: [
      'https://example.com/?a=1',
      'https://example.com:8080/x@y',
      'https://example.com/?token=',
      '://user:pw@x',
    ],
  },
  secret: {
    finds: [
      `key ‹${['gh', 'p_'].join('')}${'a1B2'.repeat(9)}›`,
      `‹${['AK', 'IA'].join('')}ABCDEFGHIJKLMNOP›`,
      '‹eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl›',
      `‹-----BEGIN ${'PRIVATE'.concat(' KEY')}-----\nabc\n-----END ${'PRIVATE'.concat(' KEY')}-----› x`,
    ],
    leaves: [
      'AKIA',
      'eyJhbGciOiJFUzI1NiJ9',
      '-----BEGIN CERTIFICATE-----',
      'ghp_short',
      'my_ghp_x',
    ],
  },
  birthdate: {
    finds: [
      'born ‹12/03/1984›',
      'DOB: ‹1984-03-12›',
      'fecha de nacimiento ‹3 de mayo de 1984›',
      'né le ‹12 mars 1984›',
      'geb. ‹12.03.1984›',
      'born on ‹March 12, 1984›',
      'Ich bin am ‹12.3.1984› in Bonn geboren',
      'nascido em ‹12-03-84›',
    ],
    leaves: [
      '12/03/1984',
      'ordered 12/03/1984',
      'je ne suis pas là le 12 mars 1984',
      'born. Order of 12345, 12/03/2024',
      'born 1984',
    ],
  },
  'address-en': {
    finds: [
      'I live at ‹742 Evergreen Terrace, Springfield, IL 62704›.',
      '‹10 Downing Street, London›',
      '‹1600 N Main St. Apt 5›',
    ],
    leaves: ['I have 3 problems', '12 monkeys', 'Street 12'],
  },
  'address-es': {
    finds: [
      'Vivo en ‹Calle Mayor 12, 3º B, 28013 Madrid›.',
      '‹C/ Alcalá, 45›',
      'en la ‹Avda. de América 7›',
    ],
    leaves: ['en la calle hay 3 perros', 'Mayor 12'],
  },
}

for (const { name } of RECOGNIZERS) {
  test(`${name} finds what it should, and leaves the rest`, (t) => {
    const { finds, leaves } = EXAMPLES[name] ?? { finds: [], leaves: [] }
    t.ok(finds.length >= 2 && leaves.length >= 2, 'there are examples of both')
    for (const example of finds) {
      const text = example.replaceAll(/[‹›]/g, '')
      const expected = [...example.matchAll(/‹([^›]*)›/g)].map(([, value]) => `${name}: ${value}`)
      t.same(found(text, active([name])), expected, example)
    }
    for (const text of leaves) t.same(found(text, active([name])), [], text)
    t.end()
  })
}

test('there are examples of every recognizer, and of nothing else', (t) => {
  t.same(
    Object.keys(EXAMPLES),
    RECOGNIZERS.map(({ name }) => name),
  )
  t.end()
})

test('national numbers are looked for in the declared countries only', (t) => {
  const of = (countries: readonly string[]) => active(undefined, { settings: { countries } })
  t.same(found('DNI 12345678Z, SSN 123-45-6789', of(['US'])), ['us-ssn: 123-45-6789'])
  t.same(found('call 612 345 678 or +34 612 345 678', of(['US'])), ['phone: +34 612 345 678'])
  t.same(found('codice fiscale RSSMRA85T10A562S', of(['IT'])), ['national: RSSMRA85T10A562S'])
  t.same(found('RUT 12.345.678-5', of(['CL'])), ['national: 12.345.678-5'])
  t.same(found('personnummer 811218-9876', of(['SE'])), ['national: 811218-9876'])
  t.end()
})

test('a word that is spent on one number does not speak against the next', (t) => {
  t.same(found('order 12345678. 612345678 is my number', active(['phone'])), [])
  t.same(found('for order 12345678 call 612345678', active(['phone'])), ['phone: 612345678'])
  t.same(found('invoice 2026/12345, 212-856-2345', active(['phone'])), ['phone: 212-856-2345'])
  t.end()
})
