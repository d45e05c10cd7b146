import { readFileSync } from 'node:fs';
import type { Runtime } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../root.ts';

/** Where this process's main thread spent its own time during some work: share of all busy time by file or package, largest first. */
export async function profiled(work: () => Promise<void>): Promise<[where: string, share: number][]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  try {
    await work();
    const { profile } = await session.post('Profiler.stop');
    const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
    const times = new Map<string, number>();
    profile.samples?.forEach((id, i) => {
      const place = places.get(id) ?? '';
      if (place !== '(idle)') times.set(place, (times.get(place) ?? 0) + (profile.timeDeltas?.[i] ?? 0));
    });
    const total = [...times.values()].reduce((sum, time) => sum + time, 0);
    return [...times].map(([place, time]): [string, number] => [place, time / total]).sort((a, b) => b[1] - a[1]);
  } finally {
    session.disconnect();
  }
}

function placeOf({ url, functionName, lineNumber }: Runtime.CallFrame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
  if (!url.startsWith('file:')) return 'Node itself';
  const file = fileURLToPath(url);
  const path = relative(ROOT, file);
  if (path.startsWith('build')) return sourceOf(file, lineNumber) ?? path;
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? path;
}

const built = new Map<string, readonly string[]>();

/** The build tells above each source's code whose it is. */
function sourceOf(file: string, line: number): string | undefined {
  const lines = built.get(file) ?? readFileSync(file, 'utf8').split('\n');
  built.set(file, lines);
  return lines
    .slice(0, line + 1)
    .findLast((text) => /^\/\/ \S+\.ts$/.test(text))
    ?.slice('// '.length);
}
