/** The bytes of a request without a body, which ends its connection. */
export function requestHead(method: string, path: string, ...lines: readonly string[]): string {
  const own = ['Host: gateway', ...lines, 'Connection: close']
  return [`${method} ${path} HTTP/1.1`, ...own, '', ''].join('\r\n')
}
