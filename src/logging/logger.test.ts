import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { redact } from './redact.ts';

function capture(level = 'info') {
  const stream = new PassThrough();
  const log = createLogger({ level, stream });
  return {
    log,
    lines: () =>
      (stream.read()?.toString() ?? '')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line: string) => JSON.parse(line)),
  };
}

describe('createLogger', () => {
  it('writes one JSON object a line with the fields of its parents', () => {
    const { log, lines } = capture();
    log.child({ requestId: 'r1' }).info('answered', { status: 200 });
    expect(lines()).toMatchObject([{ level: 'info', message: 'answered', requestId: 'r1', status: 200 }]);
  });

  it('keeps quiet below its level', () => {
    const { log, lines } = capture('warn');
    log.info('no');
    log.warn('yes');
    expect(lines().map((line: { message: string }) => line.message)).toEqual(['yes']);
  });

  it('writes no secrets', () => {
    const { log, lines } = capture();
    log.info('to redis://user:pw@host:1/0', { headers: { authorization: 'Bearer abc' }, note: 'sent Bearer xyz', apiKey: 'k' });
    const text = JSON.stringify(lines());
    for (const secret of ['pw', 'abc', 'xyz', '"k"']) expect(text).not.toContain(secret);
  });
});

describe('redact', () => {
  it('tells an error with its cause', () => {
    const cleaned = redact({ error: new Error('outer', { cause: new Error('inner') }) });
    expect(cleaned.error).toMatchObject({ message: 'outer', cause: { message: 'inner' } });
  });

  it('ends on cycles', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).toContain('…');
  });
});
