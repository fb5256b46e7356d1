/**
 * What templates are. `{slot}` stands for a value: those of {@link LABELLED_SLOTS} are personal data and are labelled, the others
 * are decoys, which only look like it, or words.
 */

export const LANGUAGES = ['en', 'es', 'fr', 'de', 'pt'] as const
export type Language = (typeof LANGUAGES)[number]

export const LABELLED_SLOTS = [
  'email',
  'card',
  'iban',
  'phone',
  'ssn',
  'nino',
  'dni',
  'cif',
  'nir',
  'idnr',
  'nif',
  'cpf',
  'ip',
  'url',
  'birthdate',
  'secret',
  'address',
] as const
export type LabelledSlot = (typeof LABELLED_SLOTS)[number]

export const OTHER_SLOTS = [
  'order',
  'parcel',
  'invoice',
  'price',
  'date',
  'time',
  'version',
  'sku',
  'hash',
  'uuid',
  'count',
  'percent',
  'size',
  'name',
  'first',
  'company',
  'city',
  'product',
] as const
export type OtherSlot = (typeof OTHER_SLOTS)[number]

export interface Templates {
  readonly greetings: readonly string[]
  /** Sentences with personal data. */
  readonly lines: readonly string[]
  /** Lines without any. */
  readonly decoys: readonly string[]
  /** Ends of messages, of several lines. */
  readonly closings: readonly string[]
}

export type TemplateSet = Readonly<Record<Language, Templates>>
