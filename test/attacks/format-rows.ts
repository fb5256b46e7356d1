/** Answers of every format that a route can declare: masked record by record, or refused whole. */
import type { PolicyDocument, RouteDocument } from '../../src/rules/policy/document.ts'
import { headerValues } from '../helpers/http-message.ts'
import { chunkedAnswer, cutAnswer, type UpstreamAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { BODY_BYTES_MAX, BROKEN, STATUS_REFUSED, TYPE_REFUSED, withLines } from './answer-rows.ts'
import { get, type Attack, type Outcome } from './attack-table.ts'

const BROKEN_BODY: Outcome = 'upstream-body-refused'
const RS = '\x1e'

/** The routes of these rows, one a format. */
const ROUTES: readonly (Pick<RouteDocument, 'format' | 'table' | 'events'> & {
  readonly path: string
})[] = [
  { path: '/api/v2/lines', format: 'ndjson' },
  { path: '/api/v2/sequence', format: 'json-seq' },
  { path: '/api/v2/events', format: 'event-stream', events: { names: ['user'], id: 'integer' } },
  { path: '/api/v2/table', format: 'csv', table: { columns: ['id', 'email', 'note', 'role'] } },
  { path: '/api/v2/tabs', format: 'tsv', table: { columns: ['id', 'email', 'note', 'role'] } },
]

/** The shipped policy with these routes too. */
export function withFormats(policy: PolicyDocument): PolicyDocument {
  const upstream = Object.keys(policy.upstreams)[0] ?? ''
  const routes = ROUTES.map(({ path, ...format }): RouteDocument => ({
    match: `GET ${path}`,
    upstream,
    ...format,
    unlisted: 'mask',
    dataSubjects: [{ kind: 'user', at: '$', id: '@.id' }],
    fields: { 'text.note': '$.note' },
    plain: ['$.id', '$.role'],
    fixture: 'none',
  }))
  const files: RouteDocument = {
    match: 'GET /api/v2/files/{id:integer}',
    upstream,
    pass: { opaque: ['application/pdf', 'image/png', 'text/plain'] },
    dataSubjects: [{ kind: 'file', request: 'path.id' }],
  }
  return { ...policy, routes: [...policy.routes, ...routes, files] }
}

/** Rows of a route that passes files unread. */
export function opaqueRows({ canaries, gateway }: World, token: string): Attack[] {
  const send = get('/api/v2/files/7', `Authorization: Bearer ${token}`)
  const shown = canaries.make('text', 'file.content')
  const name = canaries.make('name', 'file.name')
  const file = (type: string, ...lines: readonly string[]) =>
    withLines(
      `%PDF ${shown}`,
      `Content-Type: ${type}`,
      `Content-Disposition: inline; filename="${name}.pdf"`,
      ...lines,
    )
  const refused = [
    'text/html',
    'application/json',
    'application/octet-stream',
    'image/svg+xml',
    'application/pdf, text/html',
    'application/pdf text/html',
    '',
  ]
  const leaves = (type: string, as: string): Attack => ({
    id: 'C32',
    name: `a file of the type ${type}`,
    send,
    answer: file(type),
    expect: ['permit'],
    allowed: [shown],
    headers: ['content-disposition', 'content-security-policy'],
    check: async (t, exchange) => {
      t.equal(exchange.body.toString(), `%PDF ${shown}`, 'byte for byte')
      for (const [header, value] of [
        ['content-type', as],
        ['content-disposition', 'attachment'],
        ['content-security-policy', "default-src 'none'; sandbox"],
        ['x-content-type-options', 'nosniff'],
        ['cache-control', 'no-store'],
      ] as const) {
        t.same(headerValues(exchange.headers, header), [value])
      }
      const last = (await gateway.records()).at(-1) as { unmapped: { celosia: object } }
      t.match(
        last.unmapped.celosia,
        { unchecked: ['answer'], data_subjects: [{ kind: 'file' }] },
        'the record says so',
      )
    },
  })
  return [
    leaves('application/pdf', 'application/pdf'),
    leaves('Image/PNG; name="x.png"', 'image/png'),
    leaves('text/plain; charset=ISO-8859-1', 'text/plain; charset=iso-8859-1'),
    ...refused.map((type): Attack => ({
      id: 'C32',
      name: `a file of the type ${JSON.stringify(type)} is refused`,
      send,
      answer: file(type),
      expect: [TYPE_REFUSED],
    })),
    {
      id: 'C32',
      name: 'a file of two types is refused',
      send,
      answer: file('application/pdf', 'Content-Type: text/html'),
      expect: [TYPE_REFUSED],
    },
    {
      id: 'C32',
      name: 'a part of a file is refused',
      send,
      answer: file('application/pdf', 'Content-Range: bytes 0-3/99'),
      expect: [STATUS_REFUSED],
    },
    {
      id: 'C32',
      name: 'a file that is larger than allowed is refused',
      send,
      answer: withLines('x'.repeat(BODY_BYTES_MAX + 1), 'Content-Type: application/pdf'),
      expect: ['upstream-body-refused'],
    },
    {
      id: 'C32',
      name: 'a file that is cut is refused',
      send,
      answer: cutAnswer(file('application/pdf')),
      expect: [BROKEN],
    },
    {
      id: 'C32',
      name: 'an error of a route of files is replaced',
      send,
      answer: Buffer.from(
        file('application/pdf').toString('latin1').replace('200 OK', '404 Not Found'),
        'latin1',
      ),
      expect: [{ reason: 'upstream-error', status: 404 }],
    },
  ]
}

const TYPES: Readonly<Record<string, string>> = {
  '/api/v2/lines': 'application/x-ndjson',
  '/api/v2/sequence': 'application/json-seq',
  '/api/v2/events': 'text/event-stream',
  '/api/v2/table': 'text/csv',
  '/api/v2/tabs': 'text/tab-separated-values',
}

/** The rows, for a caller with this token. */
export function formatRows(world: World, token: string): Attack[] {
  const { canaries } = world
  const record = canaries.plant(
    '{"id":7,"email":"{{email:user.email}}","note":"{{text:user.notes}}","role":"x","other":"{{text:user.unlisted}}"}',
  )
  const email = canaries.make('email', 'user.email')
  const note = canaries.make('text', 'user.notes')
  const bodies: Readonly<Record<string, string>> = {
    '/api/v2/lines': `${record}\n${record}\n`,
    '/api/v2/sequence': `${RS}${record}\n${RS}${record}\n`,
    '/api/v2/events': `: ${note}\nevent: user\nid: 7\nfoo: ${note}\ndata: ${record}\n\nevent: ${note}\nid: ${note}\ndata: ${record}\n\n`,
    '/api/v2/table': `id,email,note,role\r\n7,${email},"${note}, ""x""",y\r\n`,
    '/api/v2/tabs': `id\temail\tnote\trole\n7\t${email}\t${note}\ty\n`,
  }
  const ask = (path: string) => get(path, `Authorization: Bearer ${token}`)
  const row = (
    [id, name]: readonly [string, string],
    path: string,
    answer: UpstreamAnswer,
    expect: Outcome,
  ): Attack => ({ id, name: `${path}: ${name}`, send: ask(path), answer, expect: [expect] })
  const typed = (path: string, body: string | Buffer, type = TYPES[path] ?? '') =>
    withLines(body, `Content-Type: ${type}`)
  const rows: Attack[] = []
  for (const [path, body] of Object.entries(bodies)) {
    const id = path.startsWith('/api/v2/ta') ? 'C32' : 'C31'
    rows.push(
      ...Object.values(TYPES)
        .concat('application/json', 'text/plain', `${TYPES[path]}; charset=utf-16`)
        .filter((type) => type !== TYPES[path])
        .map((type) => row([id, `sent as ${type}`], path, typed(path, body, type), TYPE_REFUSED)),
      row(
        [id, 'the type twice'],
        path,
        withLines(body, `Content-Type: ${TYPES[path]}`, `Content-Type: ${TYPES[path]}`),
        TYPE_REFUSED,
      ),
      row([id, 'no type'], path, withLines(body), TYPE_REFUSED),
    )
    // What leaves of a live answer has many records: other tests look at it.
    if (path === '/api/v2/events') continue
    rows.push(
      row([id, 'masked'], path, typed(path, body), 'permit'),
      row(
        [id, 'masked, cut within names and values'],
        path,
        chunkedAnswer(body.match(/.{1,5}/gs) ?? [], { contentType: TYPES[path] ?? '' }),
        'permit',
      ),
      row([id, 'cut by the connection'], path, cutAnswer(typed(path, body)), BROKEN),
      row([id, 'with NUL'], path, typed(path, `${body}\0`), BROKEN_BODY),
      row(
        [id, 'not UTF-8'],
        path,
        typed(path, Buffer.concat([Buffer.from(body), Buffer.from([0xff])])),
        BROKEN_BODY,
      ),
      row([id, 'HTML'], path, typed(path, `<p>${note}</p>`), BROKEN_BODY),
    )
  }
  const lines: readonly (readonly [path: string, name: string, body: string])[] = [
    ['/api/v2/lines', 'half a record at the end', `${record}\n${record.slice(0, 40)}`],
    ['/api/v2/lines', 'an array of all', `[\n${record},\n${record}\n]\n`],
    ['/api/v2/lines', 'two records in a line', `${record}${record}\n`],
    ['/api/v2/sequence', 'half a record at the end', `${RS}${record}\n${RS}${record.slice(0, 40)}`],
    ['/api/v2/sequence', 'lines without separators', `${record}\n${record}\n`],
    ['/api/v2/table', 'no header', `7,${email},${note},x\n`],
    ['/api/v2/table', 'a column that is not declared', `id,${note}\n7,x\n`],
    ['/api/v2/table', 'a header twice', `id,email,email\n7,${email},${email}\n`],
    ['/api/v2/table', 'a row that is longer', `id,email\n7,${email},${note}\n`],
    ['/api/v2/table', 'a quote that does not end', `id,email\n7,"${email}\n8,x\n`],
    ['/api/v2/table', 'a quote in the midst', `id,email\n7,a"${email}"\n`],
    ['/api/v2/table', 'ends of rows by CR', `id,email\r7,${email}\r`],
    ['/api/v2/tabs', 'commas', `id,email\n7,${email}\n`],
  ]
  for (const [path, name, body] of lines) {
    const id = path.startsWith('/api/v2/ta') ? 'C32' : 'C31'
    rows.push(row([id, name], path, typed(path, body), BROKEN_BODY))
  }
  rows.push(
    row(
      ['C32', 'a header that is said not to be there'],
      '/api/v2/table',
      withLines(bodies['/api/v2/table'] ?? '', 'Content-Type: text/csv; header=absent'),
      TYPE_REFUSED,
    ),
    row(
      ['C32', 'formulas stay as they came where they are plain'],
      '/api/v2/table',
      typed('/api/v2/table', 'id,role\n7,=cmd()\n'),
      'permit',
    ),
  )
  return rows
}
