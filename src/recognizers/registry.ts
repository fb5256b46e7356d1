/** Every recognizer, in the order of the documentation: of two that are equally sure, the first here is believed. */
import { addressEn, addressEs } from './kinds/address.ts'
import { birthdate } from './kinds/birthdate.ts'
import { card } from './kinds/card.ts'
import { email } from './kinds/email.ts'
import { esCif } from './kinds/es-cif.ts'
import { esDni } from './kinds/es-dni.ts'
import { iban } from './kinds/iban.ts'
import { ipv4, ipv6 } from './kinds/ip.ts'
import { national } from './kinds/national.ts'
import { phone } from './kinds/phone.ts'
import { secret } from './kinds/secret.ts'
import { url } from './kinds/url.ts'
import { usSsn } from './kinds/us-ssn.ts'
import type { Recognizer } from './recognizer.ts'

export const RECOGNIZERS: readonly Recognizer[] = [
  card,
  iban,
  email,
  phone,
  usSsn,
  esDni,
  esCif,
  national,
  ipv4,
  ipv6,
  url,
  secret,
  birthdate,
  addressEn,
  addressEs,
]

/** Countries whose national numbers are looked for where a policy names none. */
export const DEFAULT_COUNTRIES: readonly string[] = ['US', 'GB', 'ES', 'FR', 'DE', 'PT', 'BR']
