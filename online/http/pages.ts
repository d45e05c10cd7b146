import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Express } from 'express';

const YEAR_MS = 365 * 24 * 3600 * 1000;

const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Winnow API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api' });\n`;

/** The API reference at /docs and the playground at /, all from this machine's disk. */
export function mountPages(app: Express, webRoot: string): void {
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (_req, res) => void res.type('html').send(DOCS_PAGE));
  app.get('/docs/start.js', (_req, res) => void res.type('js').send(DOCS_SCRIPT));
  app.use('/docs', express.static(swagger, { index: false, maxAge: '1h' }));
  if (!existsSync(webRoot)) return;
  app.use('/assets', express.static(join(webRoot, 'assets'), { immutable: true, maxAge: YEAR_MS, fallthrough: true }));
  app.use('/', express.static(webRoot, { index: 'index.html', cacheControl: true, maxAge: 0 }));
}
