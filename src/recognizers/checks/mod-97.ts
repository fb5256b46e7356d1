/** The check digits of account numbers (ISO 13616, ISO/IEC 7064 MOD 97-10). */

/** Length of an IBAN by country (SWIFT's registry). */
const COUNTRIES =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 ' +
  'FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 ' +
  'LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 ' +
  'SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
const LETTERS = 26
const ZERO = 0x30
const NINE = 0x39
/** A rest that may grow by two more digits, and is an integer of 32 bits still. */
const REST_MAX = 10_000_000
/** By the two letters of the country. */
const lengths = new Uint8Array(LETTERS * LETTERS)
for (const entry of COUNTRIES.split(' ')) {
  lengths[countryIndex(entry.charCodeAt(0), entry.charCodeAt(1))] = Number(entry.slice(2))
}

/** Characters of an IBAN of the country whose two ASCII letters are given, in either case; 0 where it has none. */
export function ibanLength(first: number, second: number): number {
  return lengths[countryIndex(first, second)] as number
}

function countryIndex(first: number, second: number): number {
  return ((first & 0x1f) - 1) * LETTERS + (second & 0x1f) - 1
}

/** True where an IBAN of so many ASCII characters, letters in either case and digits, has right check digits. */
export function passesMod97(characters: Uint8Array, count: number): boolean {
  let rest = 0
  let at = 4 % count
  for (let index = 0; index < count; index += 1) {
    const unit = characters[at] as number
    rest = unit <= NINE ? rest * 10 + unit - ZERO : rest * 100 + (unit & 0x1f) + 9
    // Division is what takes long.
    if (rest >= REST_MAX) rest %= 97
    at += 1
    if (at === count) at = 0
  }
  return rest % 97 === 1
}
