/** Folders of the vector indices inside an artifact. Everything else names its own files. */
export const INDEX_FOLDERS = { behaviour: 'index/behaviour', content: 'index/content', text: 'index/text' } as const;
export type IndexName = keyof typeof INDEX_FOLDERS;
