/**
 * What a long stage tells while it works. On a terminal a renderer draws it; elsewhere each stage is plain lines.
 * Pure code takes one of these and never prints.
 */
export interface Progress {
  /** Something to know, once. */
  note(text: string): void;
  /** How far the stage is; `detail` is a short figure such as a loss. */
  update(done: number, total: number, detail?: string): void;
}

export const silentProgress: Progress = { note: () => {}, update: () => {} };
