/**
 * Finds template expressions in free text: a helpdesk that fills them in would write out what the gateway hides
 * (`{{ticket.requester.email}}`). Looks at the text as the template engine could see it.
 */

/** Openers of the template languages that helpdesks and CRMs are known to fill in. */
const OPENER = /\{\{|\{%|\{!|\{\$|\$\{|\$!\{|#\{|%\{|@\{|<%|\[%/
/** What is not seen: format characters, variation selectors, fillers, and controls that are no white space. */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- invisible ones are what is looked for
  /[\p{Cf}\p{Default_Ignorable_Code_Point}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu
/** The shortest tags; what an attribute with a bracket in it looks like is found by {@link withoutTags}. */
const TAG = /<[^<>]*>/g
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi
/** Escapes inside of escapes that are looked through. */
const ENTITY_DEPTH = 3

/** Named entities that stand for a part of an opener, or hide the ampersand of one (HTML 13.5). */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  lbrace: '{',
  lcub: '{',
  rbrace: '}',
  rcub: '}',
  dollar: '$',
  percnt: '%',
  num: '#',
  excl: '!',
  commat: '@',
  lbrack: '[',
  lsqb: '[',
}

/** True where the text has what a template engine could take for an expression, however it is written. */
export function hasTemplate(text: string): boolean {
  let seen = visible(text)
  for (let depth = 0; depth <= ENTITY_DEPTH; depth += 1) {
    if ([seen, seen.replaceAll(TAG, ''), withoutTags(seen)].some(isOpen)) return true
    const decoded = visible(seen.replaceAll(ENTITY, decodeEntity))
    if (decoded === seen) return false
    seen = decoded
  }
  // Escaped deeper than anyone writes by chance.
  return true
}

function isOpen(text: string): boolean {
  return OPENER.test(visible(text))
}

/** The text without tags and comments, as HTML reads them: a bracket in quotes ends no tag. In one pass. */
function withoutTags(text: string): string {
  let rest = ''
  let at = 0
  for (let open = text.indexOf('<'); open !== -1; open = text.indexOf('<', at)) {
    const end = tagEnd(text, open)
    if (end === -1) break
    rest += text.slice(at, open)
    at = end
  }
  return rest + text.slice(at)
}

/** The position behind the tag or comment that begins at `open`, or -1. */
function tagEnd(text: string, open: number): number {
  if (text.startsWith('<!--', open)) {
    const close = text.indexOf('-->', open + 4)
    return close === -1 ? -1 : close + 3
  }
  let quote = ''
  for (let at = open + 1; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === '>') return at + 1
    else if (letter === '"' || letter === "'") quote = letter
  }
  return -1
}

/** Compatibility forms are what they stand for (full-width braces), and what is not seen is not there. */
function visible(text: string): string {
  return text.normalize('NFKC').replaceAll(INVISIBLE, '')
}

function decodeEntity(entity: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? entity
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code <= 0x10_ffff ? String.fromCodePoint(code) : entity
}
