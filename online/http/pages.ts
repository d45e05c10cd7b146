import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Express } from 'express';
import type { Logger } from '../../src/logging/logger.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Winnow API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api' });\n`;

/** What is said where the playground is missing, as after an install without development tools. */
const NOT_BUILT = 'The playground is not built: `npm run build:web` makes it, with the development dependencies installed.';

/** The API reference at /docs and the playground at /, all from this machine's disk. */
export function mountPages(app: Express, webRoot: string, logger: Logger): void {
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (_req, res) => void res.type('html').send(DOCS_PAGE));
  app.get('/docs/start.js', (_req, res) => void res.type('js').send(DOCS_SCRIPT));
  app.use('/docs', express.static(swagger, { index: false, maxAge: '1h' }));
  if (!existsSync(join(webRoot, 'index.html'))) {
    logger.warn(NOT_BUILT);
    app.get('/', (_req, res) => void res.status(404).type('text').send(`${NOT_BUILT} The API reference is at /docs.\n`));
    return;
  }
  app.use('/assets', express.static(join(webRoot, 'assets'), { immutable: true, maxAge: YEAR_MS, fallthrough: true }));
  app.use('/', express.static(webRoot, { index: 'index.html', cacheControl: true, maxAge: 0 }));
}
