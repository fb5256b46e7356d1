/** What authors probably meant where a query does not parse: other dialects, and the usual slips. */

interface Hint {
  /** Tested on the text before the fault, and on the text from the fault on; both where both are there. */
  readonly before?: RegExp
  readonly after?: RegExp
  readonly say: string
}

/** Characters before the fault that hints look at. */
const BEFORE_CHARS_MAX = 64

/** The first that fits is given. */
const HINTS: readonly Hint[] = [
  { after: /^\[\s*\(/, say: 'there are no script expressions; the last element is [-1]' },
  {
    before: /\[\s*$/,
    after: /^\(/,
    say: 'there are no script expressions; the last element is [-1]',
  },
  {
    after: /^\^/,
    say: 'there is no "^" for the parent; write a filter on the parent, as in $.a[?@.b]',
  },
  {
    after: /^~/,
    before: /==$/,
    say: 'write match(@.a, "...") for the whole text, search(...) for a part',
  },
  { after: /^=~/, say: 'write match(@.a, "...") for the whole text, search(...) for a part' },
  { after: /^\/./, before: /[=~(,]\s*$/, say: 'a pattern is a string: match(@.a, "...")' },
  { after: /^~/, say: 'there is no "~" for the name; a query selects values' },
  { after: /^`/, say: 'there is no escape by a backtick; write the name in brackets and quotes' },
  { after: /^=/, before: /[!=]=$/, say: 'comparisons are typed already; write "==" or "!="' },
  { after: /^=(?!=)/, say: 'write "=="' },
  { after: /^<>/, say: 'write "!="' },
  { after: /^&(?!&)/, say: 'write "&&"' },
  { after: /^\|(?!\|)/, say: 'write "||"' },
  { after: /^and\b/i, say: 'write "&&"' },
  { after: /^or\b/i, say: 'write "||"' },
  { after: /^not\b/i, say: 'write "!"' },
  {
    after: /^(?:n?in|anyof|subsetof|contains)\b/i,
    say: 'write one comparison for each value, joined by "||"',
  },
  { before: /\.length$/, say: 'write length(@) for the length; the last element is [-1]' },
  { before: /[@$\]\w]\.$/, after: /^\[/, say: 'no "." before "["' },
  { before: /\.$/, after: /^\d/, say: 'write an index in brackets, as in $.a[0]' },
  { before: /\.$/, after: /^['"]/, say: 'write a quoted name in brackets, as in $["a b"]' },
  {
    before: /\w$/,
    after: /^-/,
    say: 'write a name that has a "-" in brackets and quotes, as in $["a-b"]',
  },
  {
    before: /(?:\[|,)\s*$/,
    after: /^[$@]/,
    say: 'a query inside brackets stands in a filter, after "?"',
  },
  { before: /(?:\[|,)\s*$/, after: /^[\p{L}_]/u, say: 'write a name in quotes, as in $["a"]' },
  { before: /^\$$/, after: /^[\p{L}_]/u, say: 'write "$." before the first name, as in $.users' },
  { before: /^\s*$/, after: /^\s+\$/, say: 'a query begins without white space' },
  { before: /^$/, after: /^@/, say: '"@" is only known inside a filter; a query begins with "$"' },
  { before: /^$/, after: /^[\p{L}_.*[/#]/u, say: 'a query begins with "$", as in $.users' },
  { after: /^\s+$/, say: 'a query ends without white space' },
  { after: /^\s+\w/, say: 'write a name that has a blank in brackets and quotes, as in $["a b"]' },
  { before: /-$/, after: /^0/, say: 'the first element is [0]' },
  { before: /(?:^|\D)0$/, after: /^\d/, say: 'no leading zeros' },
]

/** Advice for a fault at this position, or undefined. */
export function hintFor(text: string, position: number): string | undefined {
  const before = text.slice(Math.max(0, position - BEFORE_CHARS_MAX), position)
  const after = text.slice(position)
  const fits = (hint: Hint): boolean =>
    (hint.before?.test(before) ?? true) && (hint.after?.test(after) ?? true)
  return HINTS.find(fits)?.say
}
