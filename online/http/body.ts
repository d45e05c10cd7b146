import { isUtf8 } from 'node:buffer';
import express from 'express';
import { UserError } from '../../src/domain/errors.ts';
import { MAX_JSON_DEPTH, nestsDeeperThan } from './depth.ts';

/**
 * JSON bodies up to a size and a depth; deeper nesting is refused before anything walks it. JSON is UTF-8 (RFC 8259): in
 * another encoding, or with bytes that are no text, an id would not come out as it went in.
 */
export function jsonBody(maxBytes: number): express.RequestHandler {
  return express.json({
    limit: maxBytes,
    strict: false,
    verify: (_req, _res, bytes, encoding) => {
      if (encoding !== 'utf-8') throw new UserError(`The body must be UTF-8, not ${encoding}.`, { status: 415 });
      if (!isUtf8(bytes)) throw new UserError('The body holds bytes that are not UTF-8.');
      if (nestsDeeperThan(bytes, MAX_JSON_DEPTH)) throw new UserError(`The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
    },
  });
}
