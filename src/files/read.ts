import type { FileHandle } from 'node:fs/promises';

/** What one call reads at most. */
const PART = 1 << 20;

/**
 * Fills `bytes` from a file, from byte `at` on, and shows each part to `visit`. @returns whether the file had that many
 */
export async function readWhole(
  file: FileHandle,
  bytes: Uint8Array,
  at = 0,
  visit?: (part: Uint8Array) => void,
): Promise<boolean> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(PART, bytes.length - filled), at + filled);
    if (bytesRead === 0) return false;
    visit?.(bytes.subarray(filled, filled + bytesRead));
    filled += bytesRead;
  }
  return true;
}
