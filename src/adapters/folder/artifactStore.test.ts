import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactStoreConformance } from '../../ports/conformance/artifactStore.ts';
import { openFolderArtifactStore } from './artifactStore.ts';

let folder = '';

artifactStoreConformance(
  'folder',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-artifacts-'));
    return openFolderArtifactStore(folder);
  },
  async (version, file, how) => {
    const path = join(folder, version, file);
    if (how === 'remove') await rm(path);
    else if (how === 'truncate') await truncate(path, 2);
    else await writeFile(path, (await readFile(path, 'utf8')).toUpperCase());
  },
);
