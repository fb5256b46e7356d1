/**
 * Street addresses by the way they are written in English and in Spanish: a number and a name with a word for a street, and the
 * place behind it. Without a list of streets much is missed, and some is found that is none, so both must be asked for.
 */
import { wordsOf } from '../context/words-of.ts'
import { isSign, signsOf, startsWord } from '../checks/edges.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

const NUMBER_DIGITS_MAX = 5
const ADDRESS_UNITS_MAX = 160
const LEAD_UNITS_MAX = 64
const SENTENCE_ENDS = signsOf('.,')

const CONFIDENCE: Confidence = { plain: 0.6, supported: 0.85, opposed: 0.3 }

/** Street suffixes of the United States Postal Service (Publication 28, C1), and those of Britain. */
const SUFFIXES =
  'alley|avenue|ave|beach|bend|boulevard|blvd|branch|bridge|brook|bypass|canyon|causeway|center|circle|cir|cliffs?|close|common|corners?|course|court|courts|ct|cove|coves|creek|crescent|crest|crossing|crossroad|curve|dale|dam|divide|drives?|dr|estates?|expressway|extensions?|falls?|ferry|fields?|flats?|fords?|forest|forges?|forks?|fort|freeway|gardens?|gateway|glens?|greens?|groves?|harbors?|haven|heights|highway|hwy|hills?|hollow|inlet|islands?|isle|junctions?|keys?|knolls?|lakes?|land|landing|lane|ln|lights?|loaf|locks?|lodge|loop|mall|manors?|meadows?|mews|mills?|mission|motorway|mount|mountains?|neck|orchard|oval|overpass|parks?|parkways?|pkwy|pass|passage|path|pike|pines?|place|pl|plains?|plaza|points?|ports?|prairie|radial|ramp|ranch|rapids?|rest|ridges?|river|roads?|rd|route|row|rue|run|shoals?|shores?|skyway|springs?|spurs?|squares?|sq|station|stravenue|stream|streets?|st|summit|terrace|ter|throughway|trace|track|trafficway|trail|tunnel|turnpike|underpass|unions?|valleys?|via|viaduct|views?|villages?|ville|vista|walks?|wall|way|ways|wells?'

const WORD = String.raw`[\p{Lu}][\p{L}\p{M}'’.-]{0,24}`
/** Behind the house number. */
const ENGLISH_STREET = new RegExp(
  String.raw`^[A-Za-z]? (?:(?:[NSEW]|North|South|East|West)\.? )?(?:${WORD} ){0,3}(?:${SUFFIXES})\b\.?`,
  'iu',
)
const ENGLISH_REST = new RegExp(
  String.raw`^(?:,? (?:[Aa]pt|[Aa]partment|[Ss]uite|[Ss]te|[Uu]nit|[Ff]lat|[Ff]loor|#)\.? ?[A-Za-z0-9-]{1,6})?(?:,? {0,2}${WORD}(?: ${WORD}){0,3}(?:,? [A-Z]{2})?(?:,? (?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))?)?`,
  'u',
)

/** Before the house number. */
const SPANISH_STREET = new RegExp(
  String.raw`(?:^|[^\p{L}])((?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda\.?|[Aa]v\.|[Pp]laza|[Pp]za\.?|[Pp]aseo|[Cc]arretera|[Cc]tra\.?|[Cc]amino|[Rr]onda|[Tt]raves[ií]a|[Uu]rbanizaci[oó]n|[Rr][uú]a|[Cc]arrer) ?(?:(?:de|del|la|las|los|el) ){0,3}\p{Lu}[\p{L}'’.-]{0,24}(?: [\p{L}'’.-]{1,24}){0,4}(?:, ?| ?,? n[º°.] ?| ))$`,
  'u',
)
const SPANISH_REST = new RegExp(
  String.raw`^(?:,? ?\d{1,2} ?[ºª](?: ?(?:[A-Z]|izq\.?|dcha?\.?|centro))?)?(?:,? ?(?:piso|puerta|esc\.?|portal) [A-Za-z0-9]{1,4}){0,2}(?:,? \d{5}(?: ${WORD}(?: (?:de|del|la|las|los|el) ?){0,2}(?: ?${WORD}){0,3})?)?`,
  'u',
)

/** For the test that proves them linear. */
export const ADDRESS_PATTERNS = [ENGLISH_STREET, ENGLISH_REST, SPANISH_STREET, SPANISH_REST]

export const addressEn: Recognizer = {
  name: 'address-en',
  dataClass: 'contact.address',
  summary:
    'Street addresses as they are written in English, `742 Evergreen Terrace, Springfield, IL 62704`. By patterns: much is missed.',
  optIn: true,
  words: wordsOf('address* live* lives deliver* ship* moved home flat'),
  finder: () => ({ on: 'number', short: true, find: findEnglish }),
}

export const addressEs: Recognizer = {
  name: 'address-es',
  dataClass: 'contact.address',
  summary:
    'Street addresses as they are written in Spanish, `Calle Mayor 12, 3º B, 28013 Madrid`. By patterns: much is missed.',
  optIn: true,
  words: wordsOf('direccion* domicilio* vivo vivimos envi* entreg* casa'),
  finder: () => ({ on: 'number', short: true, find: findSpanish }),
}

function findEnglish(run: NumberRun, report: Report): void {
  for (let group = 0; group < run.groups; group += 1) {
    const [start, end] = [run.start(group), run.end(group)]
    if (run.size(group) > NUMBER_DIGITS_MAX || !startsWord(run.text, start)) continue
    const behind = run.text.slice(end, end + ADDRESS_UNITS_MAX)
    const [street] = ENGLISH_STREET.exec(behind) ?? []
    if (street === undefined) continue
    const [rest = ''] = ENGLISH_REST.exec(behind.slice(street.length)) ?? []
    report(start, end + lastUnit(street + rest), CONFIDENCE)
  }
}

function findSpanish(run: NumberRun, report: Report): void {
  for (let group = 0; group < run.groups; group += 1) {
    const [at, end] = [run.start(group), run.end(group)]
    if (run.size(group) > NUMBER_DIGITS_MAX) continue
    const lead = run.text.slice(Math.max(0, at - LEAD_UNITS_MAX), at)
    const street = SPANISH_STREET.exec(lead)?.[1]
    if (street === undefined) continue
    const [rest = ''] = SPANISH_REST.exec(run.text.slice(end, end + ADDRESS_UNITS_MAX)) ?? []
    report(at - street.length, end + lastUnit(rest), CONFIDENCE)
  }
}

/** The length without the signs that end a sentence. */
function lastUnit(text: string): number {
  let end = text.length
  while (end > 0 && isSign(text, end - 1, SENTENCE_ENDS)) end -= 1
  return end
}
