/**
 * Which way a change of each key of the policy goes. What is not named here is unclear, and counts as looser: a key that is new to
 * the language must be thought of before a change of it passes.
 */
import {
  added,
  control,
  controls,
  elsewhere,
  grant,
  granted,
  inside,
  kept,
  less,
  level,
  more,
  neutral,
  unclear,
  words,
} from './judges.ts'
import type { Judge } from './judges.ts'

export interface KeyRule {
  /** Steps; `*` is any one. */
  readonly key: readonly string[]
  readonly judge: Judge
  /** Whether its values are told: numbers, times and words, which are no secrets. */
  readonly told: boolean
}

type Line = readonly [key: string, judge: Judge, told?: 'told']

const MIB = 1_048_576

const TOP: readonly Line[] = [
  ['version', neutral],
  ['register', neutral],
  ['marks', neutral],
  ['upstreams.*', added],
  ['upstreams.*.timeouts', neutral],
  ['upstreams.*.codings', neutral],
  ['upstreams.*.origins', granted()],
  ['keys.checkpoint', control],
  ['keys.*', added],
  ['keys.*.previous', neutral],
  ['inbound.*', words(['refuse', 'redact', 'mask', undefined], undefined), 'told'],
  ['purposes.*', grant],
  ['purposes.*.derive', unclear],
  ['defaults.unlisted', elsewhere],
  ['defaults.countries', controls('another key')],
  ['defaults.purpose', elsewhere],
  ['anywhere', elsewhere],
  ['cors', grant],
  ['cors.origins', granted()],
  ['cors.headers', unclear],
  ['cors.expose', unclear],
  ['cors.credentials', words([false, true], false), 'told'],
  ['cors.maxAge', more('10m'), 'told'],
  ['forwarded.trust', granted()],
  ['limits.bodyBytesMax', more(MIB), 'told'],
  ['limits.streamedBytesMax', more(1_073_741_824), 'told'],
  ['limits.requestBodyBytesMax', more(MIB), 'told'],
  ['limits.depthMax', more(512), 'told'],
  ['limits.heldBytesAllMax', more(268_435_456), 'told'],
  ['limits.spoolBytesMax', neutral],
  ['listen', control],
  ['listen.tls.certificate', neutral],
  ['listen.tls.key', neutral],
  ['listen.tls.clients', control],
  ['listen.tls.clients.revoked', control],
  ['listen.tls.clients.required', words([true, false], true), 'told'],
  ['selfTest', control],
  ['selfTest.interval', more('1m'), 'told'],
  ['selfTest.timeout', neutral],
  ['selfTest.onLeak', words(['refuse-all', 'refuse-route', 'flag'], 'flag'), 'told'],
  ['selfTest.records', controls()],
  ['selfTest.direct', controls()],
]

const IDENTITY: readonly Line[] = [
  ['identity.issuers.*', grant],
  ['identity.issuers.*.algorithms', granted()],
  ['identity.issuers.*.maxLife', more('24h'), 'told'],
  ['identity.issuers.*.typ', control],
  ['identity.issuers.*.dpop', control],
  ['identity.issuers.*.logout', control],
  ['identity.issuers.*.introspection.cacheFor', more('30s'), 'told'],
  ['identity.cookie', grant],
  ['identity.cookie.origins', granted()],
  ['identity.tokenHeader', grant],
  ['identity.tokenHeader.networks', granted('another key')],
  ['identity.tokenHeader.certificates', granted('another key')],
  ['identity.tokenHeader.origins', granted()],
  ['identity.dpop.origins', granted()],
  ['identity.dpop.nonce', control],
  ['identity.assurance.*', level],
  ['identity.revocation', control],
  ['identity.training', control],
  ['identity.training.maxAge', more('for good'), 'told'],
]

const CLASSES: readonly Line[] = [
  ['classes.*', added],
  ['classes.*.mask', elsewhere],
  ['classes.*.owner', neutral],
  ['classes.*.sensitive', words([true, false], false), 'told'],
  ['classes.*.assurance', control],
  ['classes.*.find.countries', controls('another key')],
  ['classes.*.find.patterns', controls()],
  ['classes.*.find.allow', granted()],
  ['classes.*.find.atLeast', more(0.5), 'told'],
]

const ROLES: readonly Line[] = [
  ['roles.*', inside],
  ['roles.*.show', elsewhere],
  ['roles.*.owner', neutral],
  ['roles.*.justification', neutral],
  ['roles.*.write', granted()],
  ['roles.*.reveal', inside],
  ['roles.*.reveal.*', grant],
  ['roles.*.reveal.*.reason', words(['required', 'optional'], 'required'), 'told'],
  ['roles.*.reveal.*.assurance', control],
  ['roles.*.reveal.*.budget', more('for good'), 'told'],
  ['roles.*.reveal.*.hours', control],
  ['roles.*.reveal.*.notify', words([true, false], false), 'told'],
  ['roles.*.reveal.*.justification', neutral],
  ['roles.*.breakGlass', grant],
  ['roles.*.breakGlass.classes', granted(), 'told'],
  ['roles.*.breakGlass.for', more('for good'), 'told'],
  ['roles.*.breakGlass.assurance', control],
  ['roles.*.breakGlass.justification', neutral],
  ['reveal', inside],
  ['reveal.reasons', granted(), 'told'],
  ['reveal.ticket', control],
  ['reveal.freeText', control],
  ['reveal.approvers', inside],
  ['reveal.approvers.*', grant],
]

const ROUTES: readonly Line[] = [
  ['routes.*.match', neutral],
  ['routes.*.roles', elsewhere],
  ['routes.*.fields', elsewhere],
  ['routes.*.plain', elsewhere],
  ['routes.*.unlisted', elsewhere],
  ['routes.*.links', elsewhere],
  ['routes.*.cursors', elsewhere],
  ['routes.*.fixture', words(['checked', 'none'], 'none')],
  ['routes.*.effect', words(['write', 'read'], 'write'), 'told'],
  ['routes.*.assurance', control],
  ['routes.*.purpose', elsewhere],
  ['routes.*.query', queryOf()],
  ['routes.*.query.*', grant],
  ['routes.*.query.*.max', more(100), 'told'],
  ['routes.*.body', grant],
  ['routes.*.body.types', granted(), 'told'],
  ['routes.*.body.plain', granted()],
  ['routes.*.body.text', granted()],
  ['routes.*.body.unlisted', words(['refuse', 'pass'], 'refuse'), 'told'],
  ['routes.*.body.inbound', grant],
  ['routes.*.body.pass', grant],
  ['routes.*.body.fixture', neutral],
  ['routes.*.table.columns', granted()],
  ['routes.*.events.names', granted()],
  ['routes.*.events.id', grant],
  ['routes.*.pass', grant],
  ['routes.*.pass.opaque', granted(), 'told'],
  ['routes.*.graphql.plain', granted()],
  ['routes.*.graphql.arguments', granted()],
  ['routes.*.graphql.introspection', words(['refuse', 'pass'], 'refuse'), 'told'],
  ['routes.*.graphql.limits.depth', more(12), 'told'],
  ['routes.*.graphql.limits.aliases', more(30), 'told'],
  ['routes.*.graphql.limits.cost', more(5_000), 'told'],
  ['routes.*.redirects', words(['refuse', 'rewrite'], 'refuse'), 'told'],
  ['routes.*.linkRelations', granted(), 'told'],
  ['routes.*.answerHeaders', inside],
  ['routes.*.answerHeaders.*', grant],
  ['routes.*.cache', grant],
  ['routes.*.cache.maxAge', more(0), 'told'],
  ['routes.*.compress', neutral],
  ['routes.*.errors', errorsOf()],
  ['routes.*.errors.fields', elsewhere],
  ['routes.*.errors.plain', elsewhere],
  ['routes.*.errors.unlisted', elsewhere],
  ['routes.*.errors.fixture', neutral],
  ['routes.*.dictionary', words(['required', 'held', undefined], undefined), 'told'],
  ['routes.*.shape', control],
  ['routes.*.write', writeOf()],
  ['routes.*.keys', control],
  ['routes.*.keys.mask', controls()],
]

const AUDIT: readonly Line[] = [
  ['detect.*', control],
  ['detect.*.name', neutral],
  ['detect.*.classes', controls('all'), 'told'],
  ['detect.*.routes', controls('all')],
  ['detect.*.effect', controls('all'), 'told'],
  ['detect.*.purpose', controls('all'), 'told'],
  ['detect.*.count.over', more(0), 'told'],
  ['detect.*.count.baseline.over', more(0), 'told'],
  ['detect.*.cooldown', more('0s'), 'told'],
  ['detect.*.whenUnknown', words(['refuse', 'flag'], undefined), 'told'],
  ['detect.*.for', less('?'), 'told'],
  ['detect.*.then', controls()],
  ['audit.durability', words(['strict', 'relaxed'], 'strict'), 'told'],
  ['audit.whenUnavailable', words(['refuse', 'spool'], 'spool'), 'told'],
  ['audit.replicas', less(0), 'told'],
  ['audit.ledger', words(['locations', 'counts'], 'counts'), 'told'],
  ['audit.checkpoints', inside],
  ['audit.checkpoints.every', more(1_000), 'told'],
  ['audit.checkpoints.within', more('60s'), 'told'],
  ['audit.anchors', controls()],
  ['audit.retention', inside],
  ['audit.retention.*', kept, 'told'],
  ['audit.ship', control],
  ['audit.sampleUnlisted', control],
  ['audit.sampleUnlisted.oneIn', more('?'), 'told'],
]

/** By their keys. */
export const KEY_RULES: readonly KeyRule[] = [
  ...TOP,
  ...IDENTITY,
  ...CLASSES,
  ...ROLES,
  ...ROUTES,
  ...AUDIT,
].map(([key, judge, told]) => ({ key: key.split('.'), judge, told: told !== undefined }))

// `any`, or parameters by name; left out, none is taken.
function queryOf(): Judge {
  return (before, after) => (after === 'any' ? 'looser' : before === 'any' ? 'stricter' : 'inside')
}

// `none` says aloud that requests are not held against the record.
function writeOf(): Judge {
  return (before, after) => {
    const [old, now] = [unlessNone(before), unlessNone(after)]
    return old === undefined && now === undefined ? 'neutral' : control(old, now)
  }
}

// Left out, errors are replaced.
function errorsOf(): Judge {
  return (before, after) => {
    const [old = 'replace', now = 'replace'] = [before, after]
    if (old === now) return 'neutral'
    return old === 'replace' ? 'looser' : now === 'replace' ? 'stricter' : 'inside'
  }
}

function unlessNone(value: unknown): unknown {
  return value === 'none' ? undefined : value
}
