/** Names, places and goods of each language, drawn once from faker with a fixed seed. */
import { base, de, en, es, Faker, fr, pt_BR, pt_PT } from '@faker-js/faker'
import type { LocaleDefinition } from '@faker-js/faker'
import type { Random } from '../../../demo/random.ts'
import type { Language } from './templates/templates.ts'

const POOL_SIZE = 120
const SEED = 20_261_125

export interface Person {
  readonly first: string
  readonly last: string
}

export interface Words {
  readonly people: readonly Person[]
  readonly cities: readonly string[]
  readonly streets: readonly string[]
  readonly companies: readonly string[]
  readonly products: readonly string[]
  /** Of the kind that private people and companies have, never under a name kept for examples. */
  readonly domains: readonly string[]
  readonly mailNames: readonly string[]
}

const LOCALES: Readonly<Record<Language, readonly LocaleDefinition[]>> = {
  en: [en],
  es: [es],
  fr: [fr],
  de: [de],
  pt: [pt_PT, pt_BR],
}

const cache = new Map<Language, Words>()

/** The pools of a language: the same in every process. */
export function wordsOf(language: Language): Words {
  const known = cache.get(language)
  if (known !== undefined) return known
  const faker = new Faker({ locale: [...LOCALES[language], en, base], seed: SEED })
  const pool = <T>(make: () => T): readonly T[] => Array.from({ length: POOL_SIZE }, make)
  const words: Words = {
    people: pool(() => ({ first: faker.person.firstName(), last: faker.person.lastName() })),
    cities: pool(() => faker.location.city()),
    streets: pool(() => faker.location.street()),
    companies: pool(() => faker.company.name()),
    products: pool(() => faker.commerce.productName()),
    domains: pool(() => faker.internet.domainName()),
    mailNames: pool(() => faker.internet.username()),
  }
  cache.set(language, words)
  return words
}

/** A given name and a family name. */
export function nameFrom(words: Words, random: Random): string {
  const { first, last } = random.pick(words.people)
  return `${first} ${last}`
}
