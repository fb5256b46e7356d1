/** The requests of the differential test, and the policy that takes them: paths, headers that must change nothing, bodies. */
import type { PolicyDocument, RouteDocument } from '../../../src/rules/policy/document.ts'
import { accepted, type AcceptedRequest } from './accepted-request.ts'
import { ANY_PATH, DECLARED_PATH, DECLARED_QUERY, queries } from './queries.ts'
import { canonical, SPELLINGS } from './spellings.ts'

const upstream = 'helpdesk'
const UUID = '0123abcd-0000-4000-8000-00000000000f'
/** Every character that a literal of a template may have, and forms that a careless reader would resolve. */
const LITERALS = [
  "/a~b_c-d.e/f:g@h/i,j+k=l!m$n'o(p)q/.a..b",
  '/.well-known',
  '/v2.0/x..y/-',
  '/A/a',
]
const JSON_TYPE = 'application/json'
const MERGE_TYPE = 'application/merge-patch+json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const SMUGGLED = 'GET /typed/666 HTTP/1.1\r\nHost: evil.example\r\n\r\n'

/** The shipped policy with the routes of the corpus in place of its own. */
export function corpusPolicy(shipped: PolicyDocument): PolicyDocument {
  const { inbound: _, ...withoutTexts } = shipped
  const body = (...types: readonly string[]) => {
    return { types, unlisted: 'pass' as const, fixture: 'none' }
  }
  const routes: RouteDocument[] = [
    ...LITERALS.map((path) => ({ match: `GET ${path}`, upstream })),
    { match: 'GET /typed/{id:integer}', upstream },
    { match: 'GET /typed/{id:integer}.json', upstream },
    { match: 'GET /keys/{key:uuid}', upstream },
    { match: 'GET /names/{name}', upstream },
    { match: 'GET /formats/{format:json|x.csv|~y}', upstream },
    { match: `GET ${ANY_PATH}`, upstream, query: 'any' },
    { match: `GET ${DECLARED_PATH}`, upstream, query: DECLARED_QUERY },
    { match: 'DELETE /typed/{id:integer}', upstream },
    { match: 'POST /typed/{id:integer}', upstream },
    { match: 'POST /bodies', upstream, query: { id: 'integer' }, body: body(JSON_TYPE, FORM_TYPE) },
    { match: 'PATCH /bodies', upstream, write: 'none', body: body(JSON_TYPE, MERGE_TYPE) },
    { match: 'POST /opaque', upstream, body: { types: ['multipart/form-data'], pass: 'opaque' } },
  ]
  return { ...withoutTexts, routes }
}

/** All requests of the corpus. */
export function corpus(): readonly AcceptedRequest[] {
  return [...paths(), ...queries(), ...headers(), ...documents(), ...forms(), ...otherBodies()]
}

function paths(): AcceptedRequest[] {
  const integers = ['0', '1', '10', '9007199254740993', '9223372036854775808', '9'.repeat(19)]
  const names = ['a', '-', '_', 'constructor', '__proto__', 'a'.repeat(128), 'A-z_09', '007']
  const all = [
    ...LITERALS,
    ...integers.flatMap((id) => [`/typed/${id}`, `/typed/${id}.json`]),
    `/keys/${UUID}`,
    `/keys/${UUID.replaceAll(/[0-9a-f]/g, 'f')}`,
    ...names.map((name) => `/names/${name}`),
    ...['json', 'x.csv', '~y'].map((format) => `/formats/${format}`),
  ]
  return [
    ...all.flatMap((path) => ['GET', 'HEAD'].map((method) => accepted(path, { method }))),
    ...['DELETE', 'POST'].map((method) => accepted('/typed/7', { method })),
  ]
}

/** Headers by which a caller could want to be read otherwise. None of them goes on, so that none changes anything. */
function headers(): AcceptedRequest[] {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['X-Original-URL', '/keys/1'],
    ['X-Rewrite-URL', '/keys/1'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Prefix', '/admin'],
    ['X-Forwarded-For', '127.0.0.1, ::1'],
    ['Forwarded', 'host=evil.example;proto=https'],
    ['X-Accel-Redirect', '/keys/1'],
    ['X_Read_Path', '/keys/1'],
    ['X-Read-Path', '/keys/1'],
    ['Range', 'bytes=0-10'],
    ['If-None-Match', '*'],
    ['Accept', 'text/csv'],
    ['Accept-Encoding', 'gzip, br, zstd'],
    ['Cookie', 'session=1; admin=true'],
    ['Content-Type', 'text/html'],
    ['Connection', 'keep-alive'],
    ['Connection', 'close'],
    ['Keep-Alive', 'timeout=99'],
    ['Proxy-Connection', 'keep-alive'],
    ['Content-Length', '0'],
    ['Max-Forwards', '0'],
    ['Via', '1.1 evil'],
    ['X-Request-Id', 'mine'],
    ['User-Agent', "() { :; }; /bin/sh -c 'id'"],
    ['X-Long', 'x'.repeat(8_000)],
    ['X-Bytes', '\u00ff\u00fe\u0080'],
  ]
  return rows.map((header) => {
    const name = `the header ${header.map((text) => canonical(text.slice(0, 40))).join(' ')}`
    return accepted('/typed/1', { name, headers: [header] })
  })
}

interface BodyRow {
  readonly name: string
  readonly method?: string
  readonly path?: string
  /** As the caller says it. */
  readonly type: string
  readonly sent: string | Buffer
  /** What goes on, where it differs. */
  readonly bytes?: string
  readonly goesOnAs?: string
  readonly chunked?: boolean
}

function withBody(row: BodyRow): AcceptedRequest {
  const { name, method = 'POST', path = '/bodies', type, chunked = false } = row
  const body = Buffer.from(row.sent)
  return accepted(path, {
    name: `${method} ${name}`,
    method,
    body,
    headers: [
      ['Content-Type', type],
      ...(chunked ? ([['Transfer-Encoding', 'chunked']] as const) : []),
    ],
    content: { type: row.goesOnAs ?? type, bytes: Buffer.from(row.bytes ?? body) },
  })
}

/** JSON goes on byte for byte, whatever stands in it and however it came. */
function documents(): AcceptedRequest[] {
  const sent: Readonly<Record<string, string>> = {
    'an empty object': '{}',
    'a single digit': '0',
    'white space': ' \r\n\t{ "a" : [ 1.0 , -0 , 1E400 ] }\r\n\r\n',
    'big numbers': '{"id":9223372036854775807,"x":0.10000000000000000001}',
    escapes: String.raw`{"n\u0061me2":"\/\u00e9\ud83d\ude00"}`,
    'beyond ASCII': '{"é":"日本語\u2028\u{1f600}"}',
    'a request inside': JSON.stringify({ a: SMUGGLED }),
    'the end of a chunked body inside': JSON.stringify({ a: `0\r\n\r\n${SMUGGLED}` }),
    'a long text': JSON.stringify({ a: 'x'.repeat(300_000) }),
  }
  return Object.entries(sent).flatMap(([name, text]) =>
    [false, true].flatMap((chunked) => [
      withBody({
        name: `${name}${chunked ? ' in chunks' : ''}`,
        type: JSON_TYPE,
        sent: text,
        chunked,
      }),
      withBody({
        name: `${name}${chunked ? ' in chunks' : ''} as a merge patch`,
        method: 'PATCH',
        type: `${MERGE_TYPE}; charset="UTF-8"`,
        goesOnAs: MERGE_TYPE,
        sent: text,
        chunked,
      }),
    ]),
  )
}

/** A form is written anew. */
function forms(): AcceptedRequest[] {
  const texts = [
    'a b',
    'a+b',
    'a%b',
    'a&b=c',
    'é',
    'line\r\nline\ttab',
    '"quoted"',
    '<>\\^`{|}',
    SMUGGLED,
  ]
  return texts.flatMap((text) =>
    SPELLINGS.map(({ name, spell }) => {
      const sent = `content=${spell(text)}&x%5B%5D=1`
      const bytes = `content=${canonical(text)}&x%5B%5D=1`
      const title = `a form with ${canonical(text).slice(0, 30)} ${name}`
      return withBody({ name: title, type: FORM_TYPE, sent, bytes })
    }),
  )
}

function otherBodies(): AcceptedRequest[] {
  const type = 'multipart/form-data; boundary=b'
  const goesOnAs = 'multipart/form-data; boundary="b"'
  const part = `--b\r\ncontent-disposition: form-data; name="f"\r\n\r\n${SMUGGLED}\r\n--b--\r\n`
  const opaque = { path: '/opaque', type, goesOnAs }
  const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256))
  return [
    withBody({ ...opaque, name: 'multipart', sent: part }),
    withBody({ ...opaque, name: 'multipart in chunks', sent: part, chunked: true }),
    accepted('/opaque', {
      name: 'every byte',
      method: 'POST',
      headers: [['Content-Type', type]],
      body: bytes,
      content: { type: goesOnAs, bytes },
    }),
    {
      ...withBody({ name: 'a body and a parameter', type: JSON_TYPE, sent: '{}' }),
      target: '/bodies?id=%37',
      pairs: [['id', '7']],
    },
  ]
}
