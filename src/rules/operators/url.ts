/** `url`: an absolute URL without what usually tells whose it is. */
import { defineOperator } from './shared/define-operator.ts'
import { textOperator } from './shared/text-operator.ts'

// Schemes with an authority, whose origin and path are apart from the rest (not mailto:, data:, tel:, javascript:).
const PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:', 'ftp:'])
const URL_UNITS_MAX = 8_192

type Kept = 'path' | 'origin'

export const url = defineOperator<Kept>({
  name: 'url',
  summary:
    'Drops user information, query and fragment of an absolute URL, or with origin also the path. What is no URL with a host is redacted.',
  parameters: { enum: ['path', 'origin'], default: 'path' },
  example: '{ url: origin }',
  build: (kept) =>
    textOperator({
      name: 'url',
      id: `url(${kept})`,
      mask: (text) => shortUrl(text, kept),
      unitsMax: URL_UNITS_MAX,
    }),
})

function shortUrl(text: string, kept: Kept): string | undefined {
  const parsed = URL.parse(text)
  if (parsed === null || !PROTOCOLS.has(parsed.protocol)) return undefined
  return kept === 'path' ? parsed.origin + parsed.pathname : parsed.origin
}
