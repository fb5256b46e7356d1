/** Reads a line of CEF version 0 as a receiver would: written from the format's description, strict. */

export interface CefLine {
  /** Vendor, product, version, signature, name, severity. */
  readonly header: readonly string[]
  readonly extension: Readonly<Record<string, string>>
}

const HEADER_FIELDS = 7

/** Throws where the line is none. */
export function readCef(line: string): CefLine {
  if (/[\r\n]/.test(line)) throw new Error('a line has no line end in it')
  if (!line.startsWith('CEF:0|')) throw new Error('no CEF')
  const fields: string[] = []
  let field = ''
  let at = 0
  while (fields.length < HEADER_FIELDS && at < line.length) {
    const character = line[at] ?? ''
    if (character === '\\') {
      field += line[at + 1] ?? ''
      at += 2
      continue
    }
    at += 1
    if (character !== '|') field += character
    else {
      fields.push(field)
      field = ''
    }
  }
  if (fields.length !== HEADER_FIELDS) throw new Error('the header is too short')
  return { header: fields.slice(1), extension: readExtension(line.slice(at)) }
}

// A key is a word before an equals sign that is not escaped; its value ends where the next key begins.
function readExtension(text: string): Readonly<Record<string, string>> {
  const keys = [...text.matchAll(/(?:^| )([A-Za-z0-9_.]+)=/g)].filter(
    (match) => !endsEscaped(text.slice(0, match.index + match[0].length - 1)),
  )
  const extension: Record<string, string> = {}
  for (const [i, match] of keys.entries()) {
    const raw = text.slice(match.index + match[0].length, keys[i + 1]?.index)
    const key = match[1] ?? ''
    if (key in extension) throw new Error(`${key} stands twice`)
    if (/(?<!\\)(?:\\\\)*=/.test(raw))
      throw new Error(`${key} has an equals sign that is not escaped`)
    extension[key] = unescape(raw)
  }
  return extension
}

function endsEscaped(text: string): boolean {
  return (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1
}

function unescape(raw: string): string {
  return raw.replaceAll(/\\(.)/g, (_whole, character: string) => {
    if (character === 'n') return '\n'
    if (character === 'r') return '\r'
    if (!['\\', '=', '|'].includes(character)) throw new Error(`\\${character} is no escape`)
    return character
  })
}
