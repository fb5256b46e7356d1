/**
 * Telephone numbers by the numbering plans of a few countries, and the ways in which people write them. Made without the library
 * that the product checks them by.
 */
import type { Random } from '../../../demo/random.ts'
import type { Language } from './templates/templates.ts'

type Write = (random: Random) => string

const US_AREAS = ['212', '305', '312', '415', '503', '512', '602', '617', '702', '808', '917']
const DE_AREAS = ['30', '40', '69', '89', '221', '711', '911', '341']
const DE_MOBILES = ['151', '160', '170', '171', '172', '175', '176', '179']
const BR_AREAS = ['11', '21', '31', '41', '51', '61', '71', '85']
const GB_AREAS = ['161', '121', '113', '131', '141']
const ES_AREAS = ['91', '93', '95', '96', '98']
const PT_MOBILES = ['91', '92', '93', '96']

const digit = (random: Random, from: number, to: number): string =>
  String(from + random.below(to - from + 1))

function us(random: Random): string {
  const area = random.pick(US_AREAS)
  // An exchange ends in no 11, and 555 is kept for fiction.
  const exchange = `${digit(random, 2, 9)}${digit(random, 2, 9)}${digit(random, 2, 9)}`.replace(
    '555',
    '556',
  )
  const line = random.digits(4)
  return random.pick([
    `(${area}) ${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `${area}.${exchange}.${line}`,
    `${area} ${exchange} ${line}`,
    `+1 ${area} ${exchange} ${line}`,
    `+1 (${area}) ${exchange}-${line}`,
    `1-${area}-${exchange}-${line}`,
    `+1${area}${exchange}${line}`,
  ])
}

function gb(random: Random): string {
  if (random.chance(40)) {
    const area = random.pick(GB_AREAS)
    const [a, b] = [`${digit(random, 2, 9)}${random.digits(2)}`, random.digits(4)]
    return random.pick([`0${area} ${a} ${b}`, `+44 ${area} ${a} ${b}`, `+44 (0)${area} ${a} ${b}`])
  }
  const head = `7${digit(random, 4, 5)}${random.digits(2)}`
  const [a, b] = [random.digits(3), random.digits(3)]
  return random.pick([
    `0${head} ${a}${b}`,
    `0${head} ${a} ${b}`,
    `0${head}${a}${b}`,
    `+44 ${head} ${a}${b}`,
    `+44${head}${a}${b}`,
    `0044 ${head} ${a} ${b}`,
  ])
}

function es(random: Random): string {
  const number = random.chance(70)
    ? `6${random.digits(8)}`
    : `${random.pick(ES_AREAS)}${digit(random, 2, 8)}${random.digits(6)}`
  const threes = number.replace(/(...)(...)(...)/, '$1 $2 $3')
  const pairs = number.replace(/(...)(..)(..)(..)/, '$1 $2 $3 $4')
  return random.pick([
    threes,
    pairs,
    number,
    threes.replaceAll(' ', '-'),
    threes.replaceAll(' ', '.'),
    `+34 ${threes}`,
    `+34${number}`,
    `(+34) ${pairs}`,
    `0034 ${number}`,
  ])
}

function fr(random: Random): string {
  const number = `${random.pick(['1', '2', '4', '6', '6', '6'])}${digit(random, 3, 8)}${random.digits(7)}`
  const pairs = `0${number}`.replaceAll(/..(?=.)/g, '$& ')
  return random.pick([
    pairs,
    pairs,
    pairs.replaceAll(' ', '.'),
    pairs.replaceAll(' ', '-'),
    `0${number}`,
    `+33 ${pairs.slice(1)}`,
    `+33${number}`,
    `+33 (0)${pairs.slice(1)}`,
    `0033 ${pairs.slice(1)}`,
  ])
}

function de(random: Random): string {
  const mobile = random.chance(60)
  const area = random.pick(mobile ? DE_MOBILES : DE_AREAS)
  const line = mobile
    ? `${digit(random, 2, 9)}${random.digits(6)}${area.startsWith('15') || area.startsWith('176') ? random.digits(1) : ''}`
    : `${digit(random, 2, 9)}${random.digits(6)}`
  const grouped = line.replaceAll(/..(?=.)/g, '$& ')
  return random.pick([
    `0${area} ${line}`,
    `0${area}/${line}`,
    `0${area} / ${grouped}`,
    `0${area}-${line}`,
    `(0${area}) ${line}`,
    `+49 ${area} ${line}`,
    `+49 (0) ${area} ${line}`,
    `+49${area}${line}`,
    `0049 ${area} ${line}`,
  ])
}

function pt(random: Random): string {
  const number = random.chance(70)
    ? `${random.pick(PT_MOBILES)}${random.digits(7)}`
    : `2${random.pick(['1', '2'])}${digit(random, 2, 9)}${random.digits(6)}`
  const threes = number.replace(/(...)(...)(...)/, '$1 $2 $3')
  return random.pick([threes, number, `+351 ${threes}`, `(+351) ${threes}`, `00351${number}`])
}

function br(random: Random): string {
  const area = random.pick(BR_AREAS)
  const [a, b] = [`9${digit(random, 6, 9)}${random.digits(3)}`, random.digits(4)]
  return random.pick([
    `(${area}) ${a}-${b}`,
    `(${area}) ${a}-${b}`,
    `${area} ${a}-${b}`,
    `+55 ${area} ${a}-${b}`,
    `+55 (${area}) ${a}-${b}`,
    `+55${area}${a}${b}`,
  ])
}

const OF_LANGUAGE: Readonly<Record<Language, readonly Write[]>> = {
  en: [us, us, gb],
  es: [es],
  fr: [fr],
  de: [de],
  pt: [pt, br],
}

/** One in ten is of another country; it then has its country code before it. */
export function writtenPhone(language: Language, random: Random): string {
  if (!random.chance(10)) return random.pick(OF_LANGUAGE[language])(random)
  const foreign = random.pick([us, gb, es, fr, de, pt, br])
  for (;;) {
    const written = foreign(random)
    if (written.startsWith('+')) return written
  }
}
