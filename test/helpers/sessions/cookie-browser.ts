/** A browser made of fetch: it keeps cookies by origin, and follows what leads on only when it is told to. */

export interface Visited {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** Where it leads: by a redirect, or by a page that goes on by itself. */
  readonly next: string | undefined
}

export interface VisitOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: URLSearchParams
}

export class CookieBrowser {
  readonly #cookies = new Map<string, Map<string, string>>()

  /** The cookies of an origin, to be looked at or changed. */
  cookies(origin: string): Map<string, string> {
    const found = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, found)
    return found
  }

  async visit(address: string, { headers = {}, form }: VisitOptions = {}): Promise<Visited> {
    const url = new URL(address)
    const own = this.cookies(url.origin)
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { ...(cookie !== '' && { cookie }), ...headers },
      ...(form !== undefined && { body: form }),
    })
    for (const line of response.headers.getSetCookie()) keep(own, line)
    const body = await response.text()
    const location = response.headers.get('location')
    const refresh = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(body)?.[1]
    const next = location ?? refresh?.replaceAll('&amp;', '&')
    return {
      status: response.status,
      headers: response.headers,
      body,
      next: next === undefined ? undefined : new URL(next, url).href,
    }
  }

  /** Goes on, answering the form of a login with this name, until `end` says that it is there. */
  async follow(
    address: string,
    name: string,
    end: (address: string) => boolean,
  ): Promise<{ readonly address: string; readonly last: Visited | undefined }> {
    let [at, last]: [string, Visited | undefined] = [address, undefined]
    for (let steps = 0; steps < 15; steps += 1) {
      if (end(at)) return { address: at, last }
      last = await this.visit(at)
      if (last.body.includes('name="name"'))
        last = await this.visit(at, { form: new URLSearchParams({ name }) })
      if (last.next === undefined) return { address: at, last }
      at = last.next
    }
    throw new Error('it goes round in circles')
  }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const over = attributes.some((text) => /^\s*max-age=0$/i.test(text)) || pair.length === at + 1
  if (over) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}
