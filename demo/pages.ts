/** Zendesk's offset pagination: a list cut to one page, with links to the pages beside it. */

/** Records on a page where the request does not say, and the most it can ask for. */
export const PER_PAGE_MAX = 100

export interface Listing {
  /** Member name of the list, `tickets`. */
  readonly name: string
  /** Source texts. */
  readonly items: readonly string[]
  /** Absolute link of the list, without query. */
  readonly link: string
  /** The request's parameters; all are kept in the links. */
  readonly query: URLSearchParams
}

/**
 * The answer as JSON source text. A page past the end is empty; numbers that are none count as 1
 * and {@link PER_PAGE_MAX}.
 */
export function pageText({ name, items, link, query }: Listing): string {
  const perPage = Math.min(positive(query.get('per_page')) ?? PER_PAGE_MAX, PER_PAGE_MAX)
  const page = positive(query.get('page')) ?? 1
  const start = (page - 1) * perPage
  const linkTo = (target: number): string => {
    const parameters = new URLSearchParams(query)
    parameters.set('page', `${target}`)
    parameters.set('per_page', `${perPage}`)
    return JSON.stringify(`${link}?${parameters.toString()}`)
  }
  const next = start + perPage < items.length ? linkTo(page + 1) : 'null'
  const previous = page > 1 ? linkTo(page - 1) : 'null'
  const list = items.slice(start, start + perPage).join(',')
  return `{"${name}":[${list}],"next_page":${next},"previous_page":${previous},"count":${items.length}}`
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}
