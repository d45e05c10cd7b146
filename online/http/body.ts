import express from 'express';
import { UserError } from '../../src/domain/errors.ts';
import { MAX_JSON_DEPTH, nestsDeeperThan } from './depth.ts';

/** JSON bodies up to a size and a depth; deeper nesting is refused before anything walks it. */
export function jsonBody(maxBytes: number): express.RequestHandler {
  return express.json({
    limit: maxBytes,
    strict: false,
    verify: (_req, _res, bytes) => {
      if (nestsDeeperThan(bytes, MAX_JSON_DEPTH)) throw new UserError(`The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
    },
  });
}
