import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const guides = (await readdir('docs', { recursive: true }))
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));
const pages = await Promise.all(['README.md', ...guides].map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

/** Text without code, where brackets mean something else. */
const prose = (text: string): string => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** Anchors of a page's headings, as GitHub makes them. */
const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('$path', ({ path, text }) => {
  it('links only to what exists', () => {
    const links = [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? path : join(dirname(path), file);
      if (!existsSync(place)) return true;
      const page = anchor === undefined ? undefined : pages.find((one) => one.path === place);
      return page !== undefined && anchor !== undefined && !anchors(page.text).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only commands that exist', () => {
    const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, script, short]) => script ?? short ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only files of the repository', () => {
    const named = [...text.matchAll(/`((?:src|offline|online|scripts|deploy|tests|web|docs)\/[\w./-]+)`/g)].map(
      ([, file = '']) => file,
    );
    expect(named.filter((file) => file !== 'web/dist' && !existsSync(file))).toEqual([]);
  });
});

it('the README names every command that a person would run', () => {
  const readme = pages.find(({ path }) => path === 'README.md')?.text ?? '';
  const inner = new Set(['prepare', 'build:web', 'lint', 'format', 'typecheck', 'deadcode', 'check']);
  const missing = Object.keys(scripts).filter((name) => !inner.has(name) && !new RegExp(`npm (run )?${name}\\b`).test(readme));
  expect(missing).toEqual([]);
});
