/** A small issuer's web server: its keys and its discovery document, a counter, and a switch for each way to fail. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOnLoopback, LOOPBACK } from './free-port.ts'
import type { TestKey } from './keys.ts'
import type { TestScope } from './process.ts'

/**
 * `down`: nobody listens. `reset`: connections are cut at the request. `hang`: no answer. `slow`: the right answer after
 * `slowMs`. `error`: 500. `garbage`: 200 and no JSON. `empty`: no keys. `huge`: JSON of 64 MiB.
 */
export type JwksMode =
  | 'ok'
  | 'down'
  | 'reset'
  | 'hang'
  | 'slow'
  | 'error'
  | 'garbage'
  | 'empty'
  | 'huge'

/** What the server is and does. */
export interface JwksServer {
  readonly issuer: string
  readonly jwksUrl: string
  /** Requests so far, by path. While `down` none is seen. */
  readonly count: (path?: '/jwks' | '/.well-known/openid-configuration') => number
  readonly setKeys: (keys: readonly TestKey[]) => void
  /** Resolves once it is in force. */
  readonly setMode: (mode: JwksMode, options?: { readonly slowMs?: number }) => Promise<void>
}

const HUGE_CHARACTERS = 64 * 1024 * 1024
const SLOW_MS = 500

interface State {
  keys: readonly TestKey[]
  mode: JwksMode
  slowMs: number
  issuer: string
  readonly counts: Map<string, number>
}

/** Starts one with the keys given, on a free loopback port. */
export async function startJwksServer(t: TestScope, keys: readonly TestKey[]): Promise<JwksServer> {
  const state: State = { keys, mode: 'ok', slowMs: SLOW_MS, issuer: '', counts: new Map() }
  const server = createServer((request, response) => respond(state, request, response))
  const port = await listenOnLoopback(server)
  state.issuer = `http://${LOOPBACK}:${port}`
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  t.teardown(stop)
  return {
    issuer: state.issuer,
    jwksUrl: `${state.issuer}/jwks`,
    count: (path = '/jwks') => state.counts.get(path) ?? 0,
    setKeys: (next) => {
      state.keys = next
    },
    setMode: async (mode, options = {}) => {
      state.mode = mode
      state.slowMs = options.slowMs ?? SLOW_MS
      if (mode === 'down') await stop()
      else if (!server.listening) await listenOnLoopback(server, port)
    },
  }
}

function respond(state: State, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  state.counts.set(path, (state.counts.get(path) ?? 0) + 1)
  const { mode } = state
  if (mode === 'hang') return
  if (mode === 'reset') request.socket.resetAndDestroy()
  else if (mode === 'slow')
    setTimeout(() => sendDocument(state, path, response), state.slowMs).unref()
  else if (mode === 'error') response.writeHead(500).end('{"error":"server_error"}')
  else if (mode === 'garbage') sendJson(response, '<!doctype html><title>Hello</title>')
  else if (mode === 'huge') sendJson(response, `{"keys":[],"x":"${'x'.repeat(HUGE_CHARACTERS)}"}`)
  else sendDocument(state, path, response)
}

function sendDocument(state: State, path: string, response: ServerResponse): void {
  const { issuer } = state
  const keys = state.mode === 'empty' ? [] : state.keys.map(({ publicJwk }) => publicJwk)
  if (path === '/jwks') sendJson(response, JSON.stringify({ keys }))
  else if (path === '/.well-known/openid-configuration') {
    sendJson(response, JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }))
  } else response.writeHead(404).end()
}

function sendJson(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text)
}
