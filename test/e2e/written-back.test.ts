/** Forms of the sample helpdesk, as each role is shown them under the shipped policy, written back through the gateway. */
import { test } from 'tap'
import { startHelpdesk } from '../../demo/helpdesk.ts'
import { headerValues } from '../helpers/http-message.ts'
import { request } from '../helpers/raw-client.ts'
import { startWorld } from '../helpers/world.ts'

const TOKEN = 'helpdesk-token'
const ROLES = ['agent', 'lead', 'billing']
/** Of each kind. */
const RECORDS = 12

type Row = readonly [kind: 'user' | 'ticket', shown: RegExp, written: string, masked: RegExp]

/** What each role sees and changes, and what of the answer shows that something was masked. */
const ROWS: readonly Row[] = [
  ['user', /"time_zone":"[^"]*"/, '"time_zone":"Lisbon"', /\[masked\]|\[redacted\]|\*\*\*/],
  ['ticket', /"status":"[^"]*"/, '"status":"hold"', /\[masked\]|\[redacted\]|\*\*\*/],
]

test('a form written back changes what was changed in it, and nothing else', async (t) => {
  const helpdesk = await startHelpdesk({ port: 0, host: '127.0.0.1', token: TOKEN })
  t.teardown(helpdesk.close)
  const { gateway, token } = await startWorld(t, {
    change: (policy) => {
      const headers = { authorization: `Bearer ${TOKEN}` }
      return { ...policy, upstreams: { helpdesk: { url: helpdesk.url, headers } } }
    },
  })
  const upstream = async (path: string): Promise<string> => {
    const authorization = `Bearer ${TOKEN}`
    return (await fetch(`${helpdesk.url}${path}`, { headers: { authorization } })).text()
  }
  let kept = 0
  for (const [kind, shown, written, masked] of ROWS) {
    const all = await upstream(`/api/v2/${kind}s?per_page=100`)
    const ids = [...new Set(all.matchAll(/[[,]\{"id":(\d+),"url"/g).map(([, id]) => id))].slice(
      0,
      RECORDS,
    )
    t.equal(ids.length, RECORDS, `${kind}s`)
    for (const role of ROLES) {
      const bearer = await token({ roles: [role], subject: role })
      for (const id of ids) {
        const path = `/api/v2/${kind}s/${id}`
        const before = await upstream(path)
        const { body } = await request(gateway.port, { path, token: bearer })
        const form = body.toString().replace(shown, written)
        t.match(form, masked, `${role} ${path} has something masked`)
        const answer = await request(gateway.port, {
          method: 'PUT',
          path,
          token: bearer,
          headers: [['content-type', 'application/json']],
          body: form,
        })
        t.equal(answer.status, 200, `${role} ${path}`)
        kept += headerValues(answer.headers, 'celosia-kept').length
        t.equal(await upstream(path), before.replace(shown, written), `${role} ${path}`)
      }
    }
  }
  // What no line of the policy names is kept without a word.
  t.ok(kept > ROLES.length * RECORDS, 'answers say what was kept')
})
