/** What the agents of the test ask the tracker for: each main part of its interface, and what must not get through. */
import type { Planted } from './planted.ts'

export type RoleName = 'agent' | 'lead' | 'billing'

/** One request, and the status of its answer; by role where that differs. */
export interface TrackerRequest {
  readonly name: string
  readonly method?: string
  readonly path: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  readonly expect: number | Readonly<Record<RoleName, number>>
  readonly token?: false
}

const R = '/REST/2.0'
const JSON_BODY = [['Content-Type', 'application/json']] as const
const FORM_BODY = [['Content-Type', 'application/x-www-form-urlencoded']] as const
const TICKET_FIELDS = [
  'fields=Subject,Status,Priority,Queue,Owner,Requestor,Cc,Creator,Created,LastUpdated,CustomFields',
  'fields[Queue]=Name,Description',
  'fields[Owner]=Name',
].join('&')
const USER_FIELDS =
  'fields=Name,RealName,EmailAddress,MobilePhone,HomePhone,WorkPhone,Organization,City,CustomFields'
const NEWEST = 'orderby=id&order=DESC&per_page=10'

function by(agent: number, lead: number, billing: number): Readonly<Record<RoleName, number>> {
  return { agent, lead, billing }
}

/** All of them, for the customer and the ticket that were planted. */
export function trackerRequests(planted: Planted): readonly TrackerRequest[] {
  return [
    ...tickets(planted),
    ...searches(planted),
    ...users(planted),
    ...setUp(),
    ...writes(planted),
    ...refused(planted),
    ...pages(planted),
  ]
}

function tickets({ ticketId, transactionIds, attachmentIds }: Planted): TrackerRequest[] {
  const ticket = `${R}/ticket/${ticketId}`
  const billing = `query=${encodeURIComponent("Queue = 'Billing'")}`
  return [
    { name: 'ticket', path: ticket, expect: 200 },
    { name: 'ticket by HEAD', method: 'HEAD', path: ticket, expect: 200 },
    { name: 'ticket, if changed', path: ticket, headers: [['If-None-Match', '*']], expect: 200 },
    { name: 'ticket, gzip', path: ticket, headers: [['Accept-Encoding', 'gzip']], expect: 200 },
    { name: 'ticket as XML', path: ticket, headers: [['Accept', 'application/xml']], expect: 200 },
    { name: 'tickets', path: `${R}/tickets?${billing}&${NEWEST}`, expect: 200 },
    { name: 'tickets, page 2', path: `${R}/tickets?${billing}&${NEWEST}&page=2`, expect: 200 },
    {
      name: 'tickets, fields',
      path: `${R}/tickets?${billing}&${NEWEST}&${TICKET_FIELDS}`,
      expect: 200,
    },
    {
      name: 'tickets, fields of requestors',
      path: `${R}/tickets?${billing}&${NEWEST}&${TICKET_FIELDS}&fields[Requestor]=Name,RealName,EmailAddress,MobilePhone`,
      expect: 200,
    },
    {
      name: 'tickets, requestors by number',
      path: `${R}/tickets?${billing}&${NEWEST}&${TICKET_FIELDS}&fields[Requestor]=id,Name`,
      expect: 200,
    },
    ...['Support', 'Billing'].map((queue) => ({
      name: `many tickets of ${queue}`,
      path: `${R}/tickets?query=Queue%20%3D%20'${queue}'&per_page=20&${TICKET_FIELDS}&fields[Requestor]=id,Name,RealName,EmailAddress,MobilePhone`,
      expect: 200,
    })),
    { name: 'history, bare', path: `${ticket}/history`, expect: 200 },
    {
      name: 'history',
      path: `${ticket}/history?per_page=100&fields=Type,Creator,Created,Field,OldValue,NewValue,Data,Description`,
      expect: 200,
    },
    {
      name: 'attachments of a ticket',
      path: `${ticket}/attachments?per_page=100&fields=Subject,ContentType,ContentLength,Filename,Creator,Created`,
      expect: 200,
    },
    ...transactionIds.flatMap((id) => [
      { name: `transaction ${id}`, path: `${R}/transaction/${id}`, expect: 200 },
      {
        name: `attachments of transaction ${id}`,
        path: `${R}/transaction/${id}/attachments?fields=Subject,ContentType,ContentLength,Filename`,
        expect: 200,
      },
    ]),
    ...attachmentIds.map((id) => ({
      name: `attachment ${id}`,
      path: `${R}/attachment/${id}`,
      expect: 200,
    })),
  ]
}

/** TicketSQL, in the address and in a form. */
function searches({ email, card, values }: Planted): TrackerRequest[] {
  const [dni = ''] = values['id.national']?.slice(1) ?? []
  const rows: readonly (readonly [sql: string, expect: TrackerRequest['expect']])[] = [
    ["Queue = 'Billing' AND Status != 'resolved'", 200],
    ["(Queue = 'Billing' OR Queue = 'Support') AND Owner = 'Nobody'", 200],
    ["'CF.{Tier}' = 'gold'", 200],
    [`Requestor.EmailAddress = '${email}'`, 200],
    [`Status = '__Active__' AND Requestor.EmailAddress = '${email}'`, 200],
    [`Requestor.EmailAddress LIKE '${email.slice(0, 3)}'`, by(403, 200, 403)],
    [`Requestor.EmailAddress = '${email.slice(0, 3)}%'`, by(403, 200, 403)],
    [`Requestor.EmailAddress > '${email}'`, by(403, 200, 403)],
    [`Requestor.EmailAddress = '${email}' OR id > 0`, by(403, 200, 403)],
    [`Requestor.EmailAddress != '${email}'`, by(403, 200, 403)],
    ['Requestor.EmailAddress IS NOT NULL', by(403, 200, 403)],
    ["Requestor.RealName LIKE 'a'", 200],
    ["Requestor.Name LIKE 'a'", by(403, 200, 403)],
    ["Content LIKE '4111'", 403],
    [`'CF.{Payment card}' = '${card}'`, by(403, 403, 200)],
    ["'CF.{Payment card}' LIKE '4'", by(403, 403, 200)],
    [`'CF.{Customer DNI}' = '${dni}'`, 403],
    ["Requestor.MobilePhone LIKE '6'", 403],
    ["Requestor.Comments LIKE 'DNI'", 403],
    ["requestor.emailaddress LIKE 'a'", 403],
    ["Cc.EmailAddress LIKE 'a'", 403],
    ["Watcher LIKE 'a'", 403],
    ['nonsense ===', 403],
    ["Queue = 'Billing' -- AND", 403],
    ['', 403],
  ]
  return rows.flatMap(([sql, expect], index) => [
    {
      name: `search ${sql}`,
      path: `${R}/tickets?query=${encodeURIComponent(sql)}&per_page=10`,
      expect,
    },
    // The same code judges both; the tracker is slow.
    ...(index % 3 > 0
      ? []
      : [
          {
            name: `search by POST ${sql}`,
            method: 'POST',
            path: `${R}/tickets`,
            headers: FORM_BODY,
            body: `query=${encodeURIComponent(sql)}&per_page=10`,
            expect,
          },
        ]),
  ])
}

function users({ userId, email }: Planted): TrackerRequest[] {
  const search = (name: string, condition: object, expect: TrackerRequest['expect']) => ({
    name: `users by ${name}`,
    method: 'POST',
    path: `${R}/users?per_page=20&${USER_FIELDS}`,
    headers: JSON_BODY,
    body: JSON.stringify([condition]),
    expect,
  })
  return [
    { name: 'user', path: `${R}/user/${userId}`, expect: 200 },
    {
      name: 'history of a user',
      path: `${R}/user/${userId}/history?fields=Type,Field,OldValue,NewValue,Creator,Created`,
      expect: 200,
    },
    search('name', { field: 'RealName', operator: 'LIKE', value: 'a' }, 200),
    search('address', { field: 'EmailAddress', operator: '=', value: email }, 200),
    search(
      'part of an address',
      { field: 'EmailAddress', operator: 'LIKE', value: email.slice(0, 3) },
      by(403, 200, 403),
    ),
    search('telephone', { field: 'MobilePhone', operator: 'LIKE', value: '6' }, by(403, 200, 403)),
    search('note', { field: 'Comments', operator: 'LIKE', value: 'DNI' }, 403),
    search(
      'another spelling of a field',
      { field: 'emailaddress', operator: 'LIKE', value: 'a' },
      403,
    ),
    search(
      'a field that stands in a list',
      { field: ['EmailAddress'], operator: 'LIKE', value: 'a' },
      403,
    ),
    { ...search('address, as a form', {}, 415), headers: FORM_BODY },
  ]
}

function setUp(): TrackerRequest[] {
  return [
    { name: 'version', path: `${R}/rt`, expect: 200 },
    { name: 'queue', path: `${R}/queue/Billing`, expect: 200 },
    { name: 'queues', path: `${R}/queues/all?fields=Name,Description`, expect: 200 },
    { name: 'custom field', path: `${R}/customfield/2`, expect: 200 },
  ]
}

function writes({ ticketId, email }: Planted): TrackerRequest[] {
  const ticket = `${R}/ticket/${ticketId}`
  const send = (
    name: string,
    body: string,
    expect: TrackerRequest['expect'],
    how = 'correspond',
  ) => ({
    name,
    method: 'POST',
    path: `${ticket}/${how}`,
    headers: JSON_BODY,
    body,
    expect,
  })
  return [
    send('a reply', '{"Content":"It is on its way.","ContentType":"text/plain"}', 201),
    send('a comment', '{"Content":"Done.","ContentType":"text/plain"}', 201, 'comment'),
    send('a reply that is no JSON', '{bad', 400),
    send('a reply with a template', '{"Content":"{$Ticket->RequestorAddresses}"}', 403),
    send('a reply to somebody else', `{"Content":"x","Cc":"${email}"}`, 400),
    send('a reply that sets a field', '{"Content":"x","CustomFields":{"Payment card":"1"}}', 400),
    { ...send('a reply as a table', 'a,b', 415), headers: [['Content-Type', 'text/csv']] },
  ]
}

function refused({ ticketId, userId, email }: Planted): TrackerRequest[] {
  const ticket = `${R}/ticket/${ticketId}`
  const sql = (query: string) => `${R}/tickets?query=${encodeURIComponent(query)}`
  return [
    { name: 'no token', path: ticket, token: false, expect: 401 },
    { name: 'a ticket that is not there', path: `${R}/ticket/999999`, expect: 404 },
    { name: 'nothing', path: `${R}/nothing`, expect: 404 },
    {
      name: 'a method that it does not take',
      method: 'DELETE',
      path: `${R}/queues/all`,
      expect: 404,
    },
    { name: 'a spelling of a ticket', path: `${R}/ticket/0${ticketId}`, expect: 404 },
    { name: 'a slash at the end', path: `${ticket}/`, expect: 404 },
    { name: 'a user by address', path: `${R}/user/${encodeURIComponent(email)}`, expect: 400 },
    { name: 'a user by login', path: `${R}/user/root`, expect: 404 },
    { name: 'groups of a user', path: `${R}/user/${userId}/groups`, expect: 404 },
    { name: 'content as text', path: `${ticket}/attachments?fields=Content`, expect: 400 },
    {
      name: 'an unlisted field',
      path: `${sql("Queue = 'Billing'")}&fields[Requestor]=Comments`,
      expect: 400,
    },
    {
      name: 'a sort by address',
      path: `${sql("Queue = 'Billing'")}&orderby=Requestor.EmailAddress`,
      expect: 400,
    },
    {
      name: 'a search for files',
      method: 'POST',
      path: `${R}/attachments`,
      headers: JSON_BODY,
      body: '[{"field":"Filename","operator":"LIKE","value":"."}]',
      expect: 404,
    },
  ]
}

/** The tracker's older interface and its pages: no policy can say what in them is personal. */
function pages({ ticketId }: Planted): TrackerRequest[] {
  const paths = [
    '/',
    `/Ticket/Display.html?id=${ticketId}`,
    `/Helpers/TicketHistoryPage?id=${ticketId}`,
    '/Helpers/Autocomplete/Users?term=mar&return=EmailAddress',
    "/Search/Results.tsv?Query=id>0&Format='__Requestors__'",
    '/Search/Results.rdf?Query=id>0',
    `/REST/1.0/ticket/${ticketId}/show?user=agent&pass=lab-agent-password`,
    '/REST/1.0/search/ticket?query=id>0&format=s&user=agent&pass=lab-agent-password',
  ]
  return paths.map((path) => ({ name: path.split('?')[0] ?? path, path, expect: 404 }))
}
