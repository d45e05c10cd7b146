import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLogConformance } from '../../ports/conformance/eventLog.ts';
import { openLmdbEventLog } from './eventLog.ts';

eventLogConformance('LMDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-log-'));
  const log = await openLmdbEventLog(folder);
  const other = await openLmdbEventLog(folder);
  return {
    log,
    other,
    close: async () => {
      await other.close();
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
});
