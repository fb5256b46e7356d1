/** Reads the form that a browser sends, whole. */
import type { IncomingMessage } from 'node:http'

const FORM_CHARACTERS_MAX = 16_384

/** Its text. Rejects where it is too large. */
export async function readForm(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > FORM_CHARACTERS_MAX) throw new Error('the form is too large')
  }
  return text
}
