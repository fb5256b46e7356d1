/** Resolves what is looked for in the texts of requests. */
import { createScanner, RECOGNIZERS_MAX } from '../../recognizers/scanner.ts'
import { REDACT } from '../operators/redact.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { InboundRules } from '../request/inbound.ts'
import type { DataClass } from './classes.ts'
import type { Complaints } from './complaints.ts'

/** Undefined where the policy has no `inbound`. */
export function compileInbound(
  document: PolicyDocument,
  classes: ReadonlyMap<string, DataClass>,
  complaints: Complaints,
): InboundRules | undefined {
  const { inbound } = document
  if (inbound === undefined) return undefined
  const names = Object.keys(document.classes)
  for (const name of Object.keys(inbound)) {
    const path = ['inbound', name]
    complaints.requireKnown(path, 'class', name, names)
    const found = classes.get(name)
    if (found === undefined) continue
    if (found.mask.scan !== undefined) {
      complaints.add(path, `\`${name}\` is a class of texts itself, and no value in one`)
    } else if (found.recognizers.length === 0) {
      complaints.add(
        path,
        `nothing finds \`${name}\` in text`,
        `name recognizers or patterns under classes.${name}.find`,
      )
    }
  }
  if (!document.routes.some((route) => takesText(route.body, classes))) {
    complaints.addAtKey(
      ['inbound'],
      'no route takes text, so nothing is looked through',
      'name free text of requests under `routes[].body.text`',
    )
  }
  const recognizers = Object.keys(inbound).flatMap((name) => classes.get(name)?.recognizers ?? [])
  if (recognizers.length > RECOGNIZERS_MAX) {
    complaints.addAtKey(['inbound'], `more than ${RECOGNIZERS_MAX} recognizers and patterns`)
    return undefined
  }
  return {
    scanner: createScanner(recognizers),
    actions: new Map(Object.entries(inbound)),
    maskOf: (name) => classes.get(name)?.mask ?? REDACT,
    textClasses: new Set(
      [...classes.values()].flatMap(({ name, mask }) => (mask.scan === undefined ? [] : [name])),
    ),
  }
}

function takesText(
  body: PolicyDocument['routes'][number]['body'],
  classes: ReadonlyMap<string, DataClass>,
): boolean {
  if (body === undefined || body.inbound === 'none') return false
  const fields = Object.keys(body.fields ?? {})
  const hasText = fields.some((name) => classes.get(name)?.mask.scan !== undefined)
  return hasText || (body.text ?? []).length > 0
}
