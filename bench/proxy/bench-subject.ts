/** Who asks where tokens are not verified. */
import type { Subject } from '../../src/identity/subject.ts'

export const BENCH_SUBJECT: Subject = {
  id: 'agent-1',
  issuer: 'https://idp.example.com',
  session: 'session-1',
  jti: 'token-1',
  sid: 'session-1',
  issuedS: 0,
  claimedRoles: { names: ['agent'] },
  assurance: new Set(),
  trained: true,
  proof: undefined,
}
