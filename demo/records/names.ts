/**
 * Given and family names by language, each with a Latin spelling for e-mail addresses. They are
 * common names, combined by chance; nobody in particular is meant.
 */

/** A name as it is written, and in lower-case ASCII. */
export type Name = readonly [written: string, latin: string]

export interface People {
  readonly locale: string
  readonly timeZone: string
  readonly phone: 'us' | 'gb' | 'fr' | 'de'
  readonly nationalId: 'es' | 'gb' | 'us' | 'other'
  /** True where the family name stands first. */
  readonly familyFirst: boolean
  readonly given: readonly Name[]
  readonly family: readonly Name[]
  /** How many end users in the sample speak this language. */
  readonly count: number
}

const plain = (names: string): readonly Name[] =>
  names.split(' ').map((name) => [name, name.toLowerCase().replace("'", '')] as const)

const folded = (names: string): readonly Name[] =>
  names
    .split(' ')
    .map((name) => [
      name,
      name.normalize('NFD').replaceAll(/\p{M}/gu, '').replace('ß', 'ss').toLowerCase(),
    ])

const paired = (names: string): readonly Name[] =>
  names.split(' ').map((pair) => {
    const [written = '', latin = ''] = pair.split('=')
    return [written, latin]
  })

/** The languages of the sample, the most frequent first. */
export const PEOPLE: readonly People[] = [
  {
    locale: 'es',
    timeZone: 'Madrid',
    phone: 'us',
    nationalId: 'es',
    familyFirst: false,
    given: folded('María José Lucía Íñigo Begoña Andrés Inés Álvaro Sofía Óscar Núria Iván'),
    family: folded(
      'García Muñoz Peña Fernández Núñez Ibáñez Ordóñez López Sáez Cañas Gómez Vázquez',
    ),
    count: 78,
  },
  {
    locale: 'en-GB',
    timeZone: 'London',
    phone: 'gb',
    nationalId: 'gb',
    familyFirst: false,
    given: plain('Olivia Harry Amelia George Freya Arthur Imogen Rhys Fiona Ewan Nadia Callum'),
    family: plain(
      "Walker Hughes O'Brien Clarke Ahmed Fletcher Morgan Okafor Patel Baxter Sinclair Reid",
    ),
    count: 45,
  },
  {
    locale: 'en-US',
    timeZone: 'Central America',
    phone: 'us',
    nationalId: 'us',
    familyFirst: false,
    given: plain('Emily Jacob Ava Ethan Grace Logan Hannah Tyler Naomi Wesley Paige Marcus'),
    family: plain(
      'Johnson Ramirez Nguyen Cooper Bennett Foster Hayes Simmons Whitaker Boyd Lawson Pruitt',
    ),
    count: 45,
  },
  {
    locale: 'fr',
    timeZone: 'Paris',
    phone: 'fr',
    nationalId: 'other',
    familyFirst: false,
    given: folded('Chloé Léo Zoé Théo Hélène François Noël Agnès Gaëlle Jérôme'),
    family: folded('Lefèvre Dubois Béranger Garçon Rousseau Gérard Benoît Chevalier Péron Legrand'),
    count: 25,
  },
  {
    locale: 'de',
    timeZone: 'Berlin',
    phone: 'de',
    nationalId: 'other',
    familyFirst: false,
    given: folded('Jürgen Käthe Björn Änne Sören Günther Lena Matthias Friederike Moritz'),
    family: folded('Müller Schäfer Groß Köhler Weiß Jäger Krüger Böhm Vogel Lorenz'),
    count: 25,
  },
  {
    locale: 'ja',
    timeZone: 'Tokyo',
    phone: 'us',
    nationalId: 'other',
    familyFirst: true,
    given: paired(
      '陽菜=hina 蓮=ren さくら=sakura 大輔=daisuke 美咲=misaki 健太=kenta 葵=aoi 直樹=naoki',
    ),
    family: paired(
      '佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe 小林=kobayashi 中村=nakamura',
    ),
    count: 20,
  },
  {
    locale: 'ar',
    timeZone: 'Cairo',
    phone: 'us',
    nationalId: 'other',
    familyFirst: false,
    given: paired(
      'محمد=mohamed فاطمة=fatima أحمد=ahmed ليلى=layla يوسف=youssef نور=nour خالد=khaled سلمى=salma',
    ),
    family: paired(
      'حسن=hassan إبراهيم=ibrahim منصور=mansour عثمان=osman خليل=khalil سليمان=soliman',
    ),
    count: 18,
  },
  {
    locale: 'ru',
    timeZone: 'Moscow',
    phone: 'us',
    nationalId: 'other',
    familyFirst: false,
    given: paired(
      'Анна=anna Дмитрий=dmitry Ольга=olga Сергей=sergey Юлия=yulia Алексей=alexey Елена=elena',
    ),
    family: paired(
      'Волков=volkov Орлов=orlov Жуков=zhukov Щукин=shchukin Белов=belov Ершов=ershov',
    ),
    count: 18,
  },
  {
    locale: 'el',
    timeZone: 'Athens',
    phone: 'us',
    nationalId: 'other',
    familyFirst: false,
    given: paired(
      'Ελένη=eleni Γιώργος=giorgos Δήμητρα=dimitra Νίκος=nikos Χρήστος=christos Ιωάννα=ioanna',
    ),
    family: paired('Παππάς=pappas Οικονόμου=oikonomou Γεωργίου=georgiou Βλάχος=vlachos Ζώης=zois'),
    count: 14,
  },
]
