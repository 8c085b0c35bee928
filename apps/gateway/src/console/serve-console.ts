import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Spool</title>
<h1>The console is not built</h1>
<p>Build it with <code>npm run build</code> and start again. The API works without it: see <a href="/docs">/docs</a>.</p>`;

/** The web console: files that are there, and its one page for every address that the page itself routes. */
export async function serveConsole(fastify: FastifyInstance, dir: string): Promise<void> {
  const root = resolve(dir);
  await fastify.register(staticFiles, { root, serve: false });
  fastify.get('/', async (_request, reply) => reply.redirect('/console/'));
  fastify.get('/console', async (_request, reply) => reply.redirect('/console/'));
  fastify.get('/console/*', async (request, reply) => sendFile(root, request, reply));
}

function sendFile(root: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = (request.params as { '*': string })['*'];
  // Built files carry a hash of themselves in their names.
  if (isFile(root, path))
    return reply.sendFile(path, path.startsWith('assets/') ? { immutable: true, maxAge: '365d' } : FRESH);
  if (/\.\w{1,8}$/.test(path)) return reply.callNotFound() as unknown as FastifyReply;
  if (isFile(root, 'index.html')) return reply.sendFile('index.html', FRESH);
  return reply.type('text/html').send(NOT_BUILT);
}

const FRESH = { maxAge: 0 };

function isFile(root: string, path: string): boolean {
  if (path === '' || path.includes('\0') || path.split(/[\\/]/).includes('..')) return false;
  const file = join(root, path);
  return existsSync(file) && statSync(file).isFile();
}
