/**
 * Forms of whole values: who may not see a class may look for a value of it that it knows already, never for a part of one. Each
 * form is narrow enough that what has it is no pattern, no list and no operator to any upstream.
 */

const FORMS = {
  email:
    /^[\p{L}\p{N}](?:[\p{L}\p{N}.+'&_-]{0,62}[\p{L}\p{N}+_-])?@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u,
  phone: /^\+?[0-9](?:[ .-]?[0-9]){6,17}$/,
  digits: /^[0-9]{6,34}$/,
  iban: /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/,
  token: /^[A-Za-z0-9][A-Za-z0-9.-]{5,127}$/,
  text: /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} .'’@#/+-]{1,198})[\p{L}\p{M}\p{N}.]$/u,
} as const satisfies Record<string, RegExp>

export type WholeValueForm = keyof typeof FORMS

/** Names of the forms, as a policy writes them. */
export const WHOLE_VALUE_FORMS = Object.keys(FORMS) as readonly WholeValueForm[]

/** What languages read as something else than a text, whatever its case. */
const SPECIAL = /^(?:null|nil|none|undefined|true|false|nan|me|self|any|all)$/i
const CHARS_MAX = 254

/** True where `text` is one whole value of this form, in the one spelling that it has. */
export function isWholeValue(form: WholeValueForm, text: string): boolean {
  return (
    text.length <= CHARS_MAX &&
    FORMS[form].test(text) &&
    !SPECIAL.test(text) &&
    !text.includes('  ') &&
    text.normalize('NFKC') === text
  )
}

/** The text by which two terms are the same: what no upstream tells apart for sure. */
export function foldTerm(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}
