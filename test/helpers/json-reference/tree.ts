/**
 * The slow reference's document: a tree that remembers where each value stands in the bytes. It reads only what
 * JSON.parse has accepted, and shares no code with the rewriter.
 */

export interface TreeNode {
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object'
  readonly start: number
  readonly end: number
  /** The decoded string, or the source text. */
  readonly text: string
  readonly children: readonly TreeChild[]
}

export interface TreeChild {
  /** Undefined for elements. */
  readonly name: string | undefined
  /** Where the name's quote, or the element, begins. */
  readonly start: number
  /** After the name's closing quote. */
  readonly nameEnd: number
  /** Where the comma before it stands; `start` for the first child. */
  readonly lead: number
  readonly node: TreeNode
}

/** True for what RFC 8259 and RFC 3629 take. */
export function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

/** The tree of a valid document. */
export function parseTree(bytes: Uint8Array): TreeNode {
  const latin = Buffer.from(bytes).toString('latin1')
  return readValue(latin, space(latin, 0))
}

const SCALAR = /"(?:[^"\\]|\\.)*"|[-+.\w]+/sy

function readValue(text: string, start: number): TreeNode {
  if (text[start] === '[' || text[start] === '{') return readContainer(text, start)
  SCALAR.lastIndex = start
  const source = SCALAR.exec(text)?.[0] ?? ''
  const end = start + source.length
  if (source.startsWith('"')) {
    return { type: 'string', start, end, text: decode(source), children: [] }
  }
  const isNumber = /^[-\d]/.test(source)
  const type = isNumber ? 'number' : source === 'null' ? 'null' : 'boolean'
  return { type, start, end, text: source, children: [] }
}

function readContainer(text: string, start: number): TreeNode {
  const type = text[start] === '[' ? 'array' : 'object'
  const children: TreeChild[] = []
  let at = space(text, start + 1)
  let lead = at
  while (text[at] !== ']' && text[at] !== '}') {
    const itemStart = at
    let name: string | undefined
    let nameEnd = at
    if (type === 'object') {
      const key = readValue(text, at)
      name = key.text
      nameEnd = key.end
      at = space(text, space(text, key.end) + 1)
    }
    const node = readValue(text, at)
    children.push({ name, start: itemStart, nameEnd, lead, node })
    at = space(text, node.end)
    if (text[at] === ',') {
      lead = at
      at = space(text, at + 1)
    }
  }
  return { type, start, end: at + 1, text: '', children }
}

/** The string of a quoted source whose characters are bytes. */
function decode(source: string): string {
  return String(JSON.parse(Buffer.from(source, 'latin1').toString('utf8')))
}

function space(text: string, from: number): number {
  let at = from
  while (' \n\r\t'.includes(text[at] ?? 'x')) at += 1
  return at
}
