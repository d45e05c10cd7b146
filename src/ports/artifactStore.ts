import type { Manifest } from '../artifacts/manifest.ts';

/** Versions of what training made. Immutable once published; `current` names the one that serves. */
export interface ArtifactStore {
  /** Versions that are complete (their manifest is there), newest first. */
  list(): Promise<readonly Manifest[]>;
  current(): Promise<string | undefined>;
  /** Folder of a complete version, with the manifest validated and every file's size and hash checked. @throws UserError naming the file */
  open(version: string): Promise<{ readonly manifest: Manifest; readonly folder: string }>;
  /**
   * Runs `write` on an empty staging folder, then publishes it under a new version: files first, manifest last, atomically.
   * Killed at any point, it leaves no version behind.
   */
  publish(write: (folder: string) => Promise<ManifestDraft>): Promise<Manifest>;
  /** Makes a version the current one. */
  promote(version: string): Promise<void>;
  /** Makes the version current that was current before. @returns its name */
  rollback(): Promise<string>;
  /** Calls back when `current` is no longer the known version, in whatever process it was changed, within a second. */
  watch(known: string | undefined, onChange: (version: string) => void, signal: AbortSignal): void;
}

export type ManifestDraft = Omit<Manifest, 'version' | 'createdAt' | 'files'>;
