/** Keys and tokens of programs, by the forms that their makers give them. */
import { startsWord } from '../checks/edges.ts'
import { certain } from '../recognizer.ts'
import type { Recognizer, Report } from '../recognizer.ts'

const PEM_UNITS_MAX = 16_384

const PEM = '-----BEGIN '
const PEM_HEAD = /^-----BEGIN (?:[A-Z0-9]+ ){0,4}(?:PRIVATE KEY|KEY BLOCK)-----/
const PEM_HEAD_UNITS_MAX = 80

interface Form {
  readonly prefix: string
  /** The whole token, from its prefix on. */
  readonly pattern: RegExp
}

const FORMS: readonly Form[] = [
  // RFC 7519: the head is a JSON object, `{"`.
  { prefix: 'eyJ', pattern: /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/y },
  { prefix: 'AKIA', pattern: /AKIA[A-Z0-9]{16}/y },
  { prefix: 'ASIA', pattern: /ASIA[A-Z0-9]{16}/y },
  { prefix: 'AIza', pattern: /AIza[A-Za-z0-9_-]{35}/y },
  { prefix: 'ghp_', pattern: /ghp_[A-Za-z0-9]{30,}/y },
  { prefix: 'gho_', pattern: /gho_[A-Za-z0-9]{30,}/y },
  { prefix: 'ghu_', pattern: /ghu_[A-Za-z0-9]{30,}/y },
  { prefix: 'ghs_', pattern: /ghs_[A-Za-z0-9]{30,}/y },
  { prefix: 'ghr_', pattern: /ghr_[A-Za-z0-9]{30,}/y },
  { prefix: 'github_pat_', pattern: /github_pat_[A-Za-z0-9_]{30,}/y },
  { prefix: 'glpat-', pattern: /glpat-[A-Za-z0-9_-]{20,}/y },
  { prefix: 'xoxb-', pattern: /xoxb-[A-Za-z0-9-]{20,}/y },
  { prefix: 'xoxp-', pattern: /xoxp-[A-Za-z0-9-]{20,}/y },
  { prefix: 'xapp-', pattern: /xapp-[A-Za-z0-9-]{20,}/y },
  { prefix: 'sk_live_', pattern: /sk_live_[A-Za-z0-9]{16,}/y },
  { prefix: 'sk_test_', pattern: /sk_test_[A-Za-z0-9]{16,}/y },
  { prefix: 'rk_live_', pattern: /rk_live_[A-Za-z0-9]{16,}/y },
  { prefix: 'whsec_', pattern: /whsec_[A-Za-z0-9+/=]{20,}/y },
  { prefix: 'sk-', pattern: /sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/y },
  { prefix: 'SG.', pattern: /SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/y },
  { prefix: 'npm_', pattern: /npm_[A-Za-z0-9]{30,}/y },
  { prefix: 'pypi-', pattern: /pypi-[A-Za-z0-9_-]{32,}/y },
  { prefix: 'hf_', pattern: /hf_[A-Za-z0-9]{30,}/y },
  { prefix: 'dop_v1_', pattern: /dop_v1_[a-f0-9]{40,}/y },
  { prefix: 'shpat_', pattern: /shpat_[a-fA-F0-9]{30,}/y },
  { prefix: 'ya29.', pattern: /ya29\.[A-Za-z0-9_-]{20,}/y },
]

export const secret: Recognizer = {
  name: 'secret',
  dataClass: 'secret.token',
  summary:
    'Private keys in PEM, JSON web tokens, and API keys in the forms of large services (`AKIA…`, `ghp_…`, `xoxb-…`, `sk_live_…`).',
  optIn: false,
  words: [],
  finder: () => ({
    on: 'literal',
    literals: [PEM, ...FORMS.map(({ prefix }) => prefix)],
    find: findSecret,
  }),
}

/** Answers where the token ends that begins here. */
function findSecret(text: string, at: number, report: Report): number {
  if (text.startsWith(PEM, at)) return findPrivateKey(text, at, report)
  if (!startsWord(text, at) || text.charAt(at - 1) === '-') return at + 1
  for (const { prefix, pattern } of FORMS) {
    if (!text.startsWith(prefix, at)) continue
    pattern.lastIndex = at
    const token = pattern.exec(text)
    if (token === null) continue
    report(at, at + token[0].length, certain(0.97))
    return at + token[0].length
  }
  return at + 1
}

/** To the end of its block; where that is missing, as far as it can go. */
function findPrivateKey(text: string, at: number, report: Report): number {
  const head = PEM_HEAD.exec(text.slice(at, at + PEM_HEAD_UNITS_MAX))
  if (head === null) return at + 1
  const block = text.slice(at, at + PEM_UNITS_MAX)
  const foot = block.indexOf('-----END ', head[0].length)
  const close = foot < 0 ? -1 : block.indexOf('-----', foot + '-----END '.length)
  const end = at + (close < 0 ? block.length : close + '-----'.length)
  report(at, end, certain(0.99))
  return end
}
