/**
 * A real nginx as the next hop behind the gateway: it reads each request, forwards what it understood to the upstream of
 * the test, and tells in headers how it read it. Ended by its id.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, LOOPBACK } from './free-port.ts'
import { startProcess, type TestScope } from './process.ts'

/** An nginx that runs. */
export interface Nginx {
  readonly port: number
  readonly url: string
}

const START_ATTEMPTS = 3

/** Starts it before the upstream on a port. */
export async function startNginx(
  t: TestScope,
  upstreamPort: number,
  sessions: Sessions = new Map(),
): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-nginx-'))
  t.teardown(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  const file = join(directory, 'nginx.conf')
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    await writeFile(file, settings({ directory, port, upstreamPort, sessions }))
    try {
      await startProcess(t, 'nginx', ['-p', directory, '-c', file, '-e', 'stderr'], {
        ready: /start worker process \d/,
      })
      return { port, url: `http://${LOOPBACK}:${port}` }
    } catch (error) {
      // Another test may have taken the port in between.
      if (attempt === START_ATTEMPTS) throw error
    }
  }
}

/** Access tokens by the value of the cookie `session`: nginx then plays an authenticating proxy. */
export type Sessions = ReadonlyMap<string, string>

interface Places {
  readonly directory: string
  readonly port: number
  readonly upstreamPort: number
  readonly sessions: Sessions
}

// The path of `proxy_pass` makes nginx send the path as it understood it: decoded, resolved, and escaped anew.
function settings({ directory, port, upstreamPort, sessions }: Places): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(directory, name)};`)
    .join('\n  ')
  return `
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${join(directory, 'pid')};
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary}
  large_client_header_buffers 8 64k;
  client_max_body_size 16m;
  underscores_in_headers on;
  keepalive_requests 100000;
  map_hash_bucket_size 4096;
  map $cookie_session $session_token { default ""; ${[...sessions].map((pair) => `${pair.join(' ')};`).join(' ')} }
  server {
    listen ${LOOPBACK}:${port};
    location / {
      proxy_pass http://${LOOPBACK}:${upstreamPort}/;
      proxy_http_version 1.1;
      proxy_buffer_size 64k;
      proxy_buffers 8 64k;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Read-Line $request;
      proxy_set_header X-Read-Path $uri;
      proxy_set_header X-Read-Query $args;
      proxy_set_header X-Read-Host $host;
      proxy_set_header X-Read-Method $request_method;
      proxy_set_header X-Read-Type $content_type;
      proxy_set_header X-Read-Length $content_length;
      proxy_set_header X-Forwarded-Access-Token $session_token;
      proxy_set_header X-Read-Coding $http_transfer_encoding;
    }
  }
}
`
}
