import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../online/http/app.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';

const SERVING = {
  candidates: 200,
  deadlines: { store: 100, retrieve: 300, textEncoder: 150, rank: 200 },
  exploration: { newItems: 0 },
  maxBodyBytes: 1000,
  rateLimitPerMinute: 10,
};

describe('an install without development dependencies', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-install-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('succeeds, and says that the playground is left out', async () => {
    for (const file of ['web/build.ts', 'package.json']) await copyFile(file, join(folder, basename(file)));
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', tsx, join(folder, 'build.ts')], { cwd: folder });
    expect(stderr).toContain('The playground is not built');
  });

  it('serves, and says where the playground would be how to get it', async () => {
    const warned: string[] = [];
    const app = createApp({
      config: { apiKeys: [], serving: SERVING },
      routes: [],
      metrics: createMetrics({ defaults: false }),
      logger: { ...silentLogger, warn: (message) => void warned.push(message) },
      webRoot: join(folder, 'nothing'),
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('npm run build:web');
    expect(warned).toEqual([expect.stringContaining('not built')]);
    server.close();
  });
});
