/** What stands in the slots that are personal data, in the spellings in which people write it. */
import type { Random } from '../../../demo/random.ts'
import {
  brCpf,
  card,
  deIdnr,
  esCif,
  esDni,
  frNir,
  gbNino,
  iban,
  ptNif,
  usSsn,
} from './national-ids.ts'
import { writtenPhone } from './phone-numbers.ts'
import type { LabelledSlot, Language } from './templates/templates.ts'
import { wordsOf } from './word-pools.ts'

type Make = (random: Random, language: Language) => string

const IBAN_COUNTRIES = { en: 'GB', es: 'ES', fr: 'FR', de: 'DE', pt: 'PT' } as const
const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  es: [
    'enero',
    'febrero',
    'marzo',
    'abril',
    'mayo',
    'junio',
    'julio',
    'agosto',
    'septiembre',
    'octubre',
    'noviembre',
    'diciembre',
  ],
  fr: [
    'janvier',
    'février',
    'mars',
    'avril',
    'mai',
    'juin',
    'juillet',
    'août',
    'septembre',
    'octobre',
    'novembre',
    'décembre',
  ],
  de: [
    'Januar',
    'Februar',
    'März',
    'April',
    'Mai',
    'Juni',
    'Juli',
    'August',
    'September',
    'Oktober',
    'November',
    'Dezember',
  ],
  pt: [
    'janeiro',
    'fevereiro',
    'março',
    'abril',
    'maio',
    'junho',
    'julho',
    'agosto',
    'setembro',
    'outubro',
    'novembro',
    'dezembro',
  ],
}
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export const LABELLED_VALUES: Readonly<Record<LabelledSlot, Make>> = {
  email,
  card,
  iban: (random, language) =>
    iban(
      random,
      random.chance(80) ? IBAN_COUNTRIES[language] : random.pick(['NL', 'IT', 'BE', 'DE']),
    ),
  phone: (random, language) => writtenPhone(language, random),
  ssn: usSsn,
  nino: gbNino,
  dni: esDni,
  cif: esCif,
  nir: frNir,
  idnr: deIdnr,
  nif: ptNif,
  cpf: brCpf,
  ip,
  url,
  birthdate,
  secret,
  address,
}

function email(random: Random, language: Language): string {
  const words = wordsOf(language)
  const person = random.pick(words.people)
  const plain = (text: string): string =>
    text
      .normalize('NFD')
      .replaceAll(/[^A-Za-z]/g, '')
      .toLowerCase()
  const local = random.pick([
    `${plain(person.first)}.${plain(person.last)}`,
    `${plain(person.first).charAt(0)}${plain(person.last)}${random.digits(2)}`,
    random
      .pick(words.mailNames)
      .normalize('NFD')
      .replaceAll(/[^A-Za-z0-9._-]/g, ''),
    `${plain(person.first)}+${random.pick(['shop', 'news', 'celosia'])}`,
    `${plain(person.last)}_${random.digits(3)}`,
  ])
  const domain = random.pick([
    random.pick(words.domains),
    'gmail.com',
    'yahoo.co.uk',
    'mail.web.de',
    'orange.fr',
  ])
  const written = `${local}@${domain}`
  if (random.chance(4))
    return `${person.first.toLowerCase().replaceAll(/[^\p{L}]/gu, '')}@bücher-${plain(person.last)}.de`
  if (random.chance(4)) return written.replace('@', '%40')
  return random.chance(8) ? written.toUpperCase() : written
}

function ip(random: Random): string {
  const hex = (): string => (1 + random.below(0xff_fe)).toString(16)
  if (random.chance(30)) return `2a02:${hex()}:${hex()}:${hex()}::${hex()}`
  return [1 + random.below(223), random.below(256), random.below(256), 1 + random.below(254)].join(
    '.',
  )
}

function url(random: Random, language: Language): string {
  const host = random.pick(wordsOf(language).domains)
  const secretText = text(random, 16)
  return random.pick([
    `https://admin:${secretText}@${host}/export`,
    `https://${host}/api/v1/tickets?api_key=${secretText}`,
    `https://${host}/hook?access_token=${secretText}&v=2`,
    `postgres://app:${secretText}@${host}:5432/tickets`,
  ])
}

function birthdate(random: Random, language: Language): string {
  const [day, month] = [1 + random.below(28), 1 + random.below(12)]
  const year = 1930 + random.below(78)
  const pad = (value: number): string => String(value).padStart(2, '0')
  const name = MONTHS[language][month - 1] ?? ''
  const words = {
    en: random.pick([`${name} ${day}, ${year}`, `${day} ${name} ${year}`]),
    es: `${day} de ${name} de ${year}`,
    fr: `${day} ${name} ${year}`,
    de: `${day}. ${name} ${year}`,
    pt: `${day} de ${name} de ${year}`,
  }[language]
  return random.pick([
    words,
    language === 'de' ? `${pad(day)}.${pad(month)}.${year}` : `${pad(day)}/${pad(month)}/${year}`,
    `${year}-${pad(month)}-${pad(day)}`,
    language === 'de' ? `${day}.${month}.${year}` : `${pad(day)}-${pad(month)}-${year}`,
  ])
}

// Written reversed, so that no scanner of sources takes the forms for real keys.
const reversed = (text: string): string => text.split('').toReversed().join('')
const PRIVATE_KEY = reversed('YEK ETAVIRP')

function secret(random: Random): string {
  const encoded = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: random.digits(8), exp: 1_900_000_000 }
  return random.pick([
    () => `${encoded({ alg: 'ES256', typ: 'JWT' })}.${encoded(claims)}.${text(random, 86)}`,
    () => reversed('AIKA') + text(random, 16).toUpperCase(),
    () => reversed('_phg') + text(random, 36),
    () => `${reversed('-bxox')}${random.digits(12)}-${random.digits(12)}-${text(random, 24)}`,
    () => reversed('_evil_ks') + text(random, 24),
    () => reversed('azIA') + text(random, 35),
    () => reversed('-taplg') + text(random, 20),
    () =>
      `-----BEGIN ${PRIVATE_KEY}-----\n${text(random, 64)}\n${text(random, 40)}\n-----END ${PRIVATE_KEY}-----`,
  ])()
}

function text(random: Random, length: number): string {
  return Array.from({ length }, () => ALPHANUMERIC.charAt(random.below(ALPHANUMERIC.length))).join(
    '',
  )
}

function address(random: Random, language: Language): string {
  const { people, cities, streets } = wordsOf(language)
  const city = random.pick(cities)
  const number = 1 + random.below(250)
  if (language === 'es') {
    const { last } = random.pick(people)
    const kind = random.pick(['Calle', 'C/', 'Avenida', 'Avda.', 'Plaza', 'Paseo'])
    const floor = random.pick(['', `, ${1 + random.below(8)}º ${random.pick(['A', 'B', 'izq.'])}`])
    return `${kind} ${last} ${number}${floor}, ${10 + random.below(42)}${random.digits(3)} ${city}`
  }
  const state = random.pick(['CA', 'NY', 'TX', 'OR', 'IL'])
  return random.pick([
    `${number} ${random.pick(streets)}, ${city}, ${state} ${1 + random.below(9)}${random.digits(4)}`,
    `${number} ${random.pick(streets)}, ${city}`,
  ])
}
