/** The helpdesk of the benchmark: an nginx that answers the paths of the shipped policy from files in the page cache. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LOOPBACK } from '../../test/helpers/free-port.ts'
import { startProcess, type TestScope } from '../../test/helpers/process.ts'

/** Starts it on a port; `files` by path, without parameters. */
export async function startOrigin(
  scope: TestScope,
  place: { readonly directory: string; readonly port: number },
  files: ReadonlyMap<string, Buffer>,
): Promise<string> {
  const { directory, port } = place
  for (const [path, bytes] of files) {
    // One path may begin another: each is a folder with one file.
    const file = join(directory, 'files', `${path}.d`, 'body.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const settings = `
daemon off; worker_processes 1; pid ${join(directory, 'pid')}; error_log stderr notice;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens off; etag off;
  keepalive_timeout 300; keepalive_requests 100000000;
  open_file_cache max=100; open_file_cache_valid 300s; open_file_cache_min_uses 1;
  types { application/json json; }
  ${temporary.map((name) => `${name}_temp_path ${join(directory, name)};`).join(' ')}
  server {
    listen ${LOOPBACK}:${port} backlog=4096;
    root ${join(directory, 'files')};
    location / { try_files $uri.d/body.json =404; }
  }
}
`
  const file = join(directory, 'nginx.conf')
  writeFileSync(file, settings)
  await startProcess(scope, 'nginx', ['-p', directory, '-c', file, '-e', 'stderr'], {
    ready: /start worker process \d/,
  })
  return `http://${LOOPBACK}:${port}`
}
