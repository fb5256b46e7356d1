/** Who an event is about, wherever its OCSF class keeps that: the actor of an access, the user of a log-off, who gave a grant. */
import { objectsAt, textAt, textsAt, type OcsfEvent } from './event-fields.ts'

export interface Caller {
  readonly id: string | undefined
  readonly roles: readonly string[]
  readonly session: string | undefined
  readonly issuer: string | undefined
  readonly ip: string | undefined
}

/** Whom a grant is for; undefined in all other events. */
export function grantee(event: OcsfEvent): string | undefined {
  return textAt(event, 'unmapped.celosia.grant') && textAt(event, 'unmapped.celosia.subject')
}

/** What is absent is undefined. */
export function callerOf(event: OcsfEvent): Caller {
  return {
    id:
      textAt(event, 'actor.user.uid') ??
      textAt(event, 'user.uid') ??
      textAt(event, 'unmapped.celosia.by'),
    roles: textsAt(event, 'actor.user.groups', 'name'),
    session: textAt(event, 'actor.session.uid') ?? textAt(event, 'session.uid'),
    issuer: textAt(event, 'actor.session.issuer') ?? textAt(event, 'session.issuer'),
    ip:
      textAt(event, 'src_endpoint.ip') ??
      objectsAt(event, 'evidences').map((one) => textAt(one, 'src_endpoint.ip'))[0],
  }
}
