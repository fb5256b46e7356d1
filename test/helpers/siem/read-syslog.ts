/** Reads a message of RFC 5424 as a receiver would: written from the RFC's grammar, strict. */

export interface SyslogMessage {
  readonly facility: number
  readonly severity: number
  readonly timestamp: string
  readonly hostname: string
  readonly appName: string
  readonly processId: string
  readonly messageId: string
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly body: string
}

const HEADER =
  /^<(\d{1,3})>1 (\S{1,64}) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) /
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/
const NAME = String.raw`[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}`
const PARAMETER = new RegExp(String.raw`^ (${NAME})="((?:[^"\\\]]|\\["\\\]])*)"`)
const ELEMENT = new RegExp(String.raw`^\[(${NAME})`)

/** Throws where the text is none. */
export function readSyslog(text: string): SyslogMessage {
  const header = HEADER.exec(text)
  if (header === null) throw new Error('no header of RFC 5424')
  const [whole, priority, timestamp = '', hostname = '', appName = '', processId = ''] = header
  if (Number(priority) > 191) throw new Error('no such priority')
  if (timestamp !== '-' && !TIMESTAMP.test(timestamp)) throw new Error('no timestamp')
  const { data, rest } = readData(text.slice(whole.length))
  if (rest !== '' && !rest.startsWith(' ')) throw new Error('the structured data does not end')
  return {
    facility: Math.floor(Number(priority) / 8),
    severity: Number(priority) % 8,
    timestamp,
    hostname,
    appName,
    processId,
    messageId: header[6] ?? '',
    data,
    body: rest.slice(1),
  }
}

function readData(text: string): { readonly data: SyslogMessage['data']; readonly rest: string } {
  if (text.startsWith('-')) return { data: {}, rest: text.slice(1) }
  const data: Record<string, Record<string, string>> = {}
  let rest = text
  for (let element = ELEMENT.exec(rest); element !== null; element = ELEMENT.exec(rest)) {
    const parameters: Record<string, string> = {}
    rest = rest.slice(element[0].length)
    for (let one = PARAMETER.exec(rest); one !== null; one = PARAMETER.exec(rest)) {
      parameters[one[1] ?? ''] = (one[2] ?? '').replaceAll(/\\(["\\\]])/g, '$1')
      rest = rest.slice(one[0].length)
    }
    if (!rest.startsWith(']')) throw new Error('an element does not end')
    rest = rest.slice(1)
    data[element[1] ?? ''] = parameters
  }
  if (Object.keys(data).length === 0) throw new Error('no structured data')
  return { data, rest }
}
