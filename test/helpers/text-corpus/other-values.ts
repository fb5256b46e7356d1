/** What stands in the other slots: decoys, which only look like personal data, and plain words. */
import type { Random } from '../../../demo/random.ts'
import type { Language, OtherSlot } from './templates/templates.ts'
import { nameFrom, wordsOf } from './word-pools.ts'

type Make = (random: Random, language: Language) => string

const HEX = '0123456789abcdef'
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']

const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => HEX.charAt(random.below(16))).join('')
const letters = (random: Random, length: number): string =>
  Array.from({ length }, () => LETTERS.charAt(random.below(LETTERS.length))).join('')

export const OTHER_VALUES: Readonly<Record<OtherSlot, Make>> = {
  order: (random) =>
    random.pick([
      () => `#${random.digits(5)}`,
      () => `1${random.digits(7)}`,
      () => `${random.digits(3)}-${random.digits(7)}-${random.digits(7)}`,
      () => `ORD-2026-${random.digits(6)}`,
      () => `${letters(random, 2)}${random.digits(8)}`,
      // As drawn: some of them pass the checks of cards and telephones, as real ones do.
      () => `${1 + random.below(9)}${random.digits(15)}`,
      () => `${1 + random.below(9)}${random.digits(9)}`,
    ])(),
  parcel: (random) =>
    random.pick([
      () => `1Z${letters(random, 3)}${random.digits(3)}${random.digits(10)}`,
      () => `${letters(random, 2)}${random.digits(9)}ES`,
      () => `JD0${random.digits(18)}`,
      () => `94${random.digits(20)}`,
      () => `00340${random.digits(15)}`,
      () => `${random.digits(4)} ${random.digits(4)} ${random.digits(4)}`,
    ])(),
  invoice: (random) =>
    random.pick([
      () => `2026/${random.digits(5)}`,
      () => `INV-${random.digits(6)}`,
      () => `F-${random.digits(4)}-${random.digits(4)}`,
      () => `RE${random.digits(10)}`,
    ])(),
  price: (random, language) => {
    const whole = 1 + random.below(4_999)
    const cents = random.digits(2)
    const grouped =
      whole > 999
        ? `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`
        : String(whole)
    return language === 'en'
      ? random.pick([
          `$${grouped.replace('.', ',')}.${cents}`,
          `USD ${whole}.${cents}`,
          `£${whole}`,
        ])
      : random.pick([
          `${grouped},${cents} €`,
          `${whole},${cents} EUR`,
          language === 'pt' ? `R$ ${grouped},${cents}` : `${whole} €`,
        ])
  },
  date: (random, language) => {
    const [day, month, year] = [
      String(1 + random.below(28)).padStart(2, '0'),
      random.pick(MONTHS),
      2019 + random.below(9),
    ]
    return random.pick([
      `${year}-${month}-${day}`,
      language === 'en' ? `${month}/${day}/${year}` : `${day}/${month}/${year}`,
      `${day}.${month}.${year}`,
      `${day}-${month}-${year}`,
      `${year}${month}${day}`,
    ])
  },
  time: (random) => `${7 + random.below(14)}:${String(random.below(60)).padStart(2, '0')}`,
  version: (random) =>
    random.pick([
      () => `v${random.below(9)}.${random.below(30)}.${random.below(12)}`,
      () => `${1 + random.below(20)}.${random.below(30)}.${random.below(12)}-rc.${random.below(5)}`,
      () => `v${1 + random.below(20)}.${random.below(30)}.${random.below(12)}.${random.below(200)}`,
      () => `${random.below(9)}.${random.below(30)}`,
      () => `2026.${random.below(13)}.${random.below(30)}`,
    ])(),
  sku: (random) =>
    random.pick([
      () => `${letters(random, 3)}-${random.digits(4)}-${letters(random, 2)}`,
      () => `${random.digits(8)}${letters(random, 1)}`,
      () => `978${random.digits(10)}`,
      () => `SN${random.digits(10)}`,
      () => `${random.digits(3)}.${random.digits(3)}.${random.digits(2)}`,
    ])(),
  hash: (random) => hex(random, random.pick([7, 12, 40])),
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-'),
  count: (random) => String(random.below(1_000)),
  percent: (random) => `${1 + random.below(70)} %`,
  size: (random) =>
    random.pick([
      `${1 + random.below(40)}.${random.below(10)} kg`,
      `${10 + random.below(90)}x${10 + random.below(90)}x${10 + random.below(90)} cm`,
    ]),
  name: (random, language) => nameFrom(wordsOf(language), random),
  first: (random, language) => random.pick(wordsOf(language).people).first,
  company: (random, language) => random.pick(wordsOf(language).companies),
  city: (random, language) => random.pick(wordsOf(language).cities),
  product: (random, language) => random.pick(wordsOf(language).products),
}
