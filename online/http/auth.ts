import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { ApiKey, Scope } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';

export interface Principal {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** Who a request is from. @throws UserError 401 */
export type Authenticate = (authorization: string | undefined) => Principal;

const everything: ReadonlySet<Scope> = new Set(['read', 'write', 'rules', 'admin']);

/**
 * Bearer keys are known by their SHA-256 only, so the lookup compares digests and its time tells nothing of a key. Without
 * keys everyone may do everything; `requireSafeBinding` keeps that to loopback.
 */
export function createAuthenticator(keys: readonly ApiKey[]): Authenticate {
  if (keys.length === 0) return () => ({ name: 'anonymous', scopes: everything });
  const byHash = new Map(keys.map((key) => [key.hash, { name: key.name, scopes: new Set(key.scopes) }]));
  return (authorization) => {
    const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
    if (match === null) throw new UserError('An API key is needed: send it as Authorization: Bearer KEY.', { status: 401 });
    const found = byHash.get(createHash('sha256').update(match[1]!).digest('hex'));
    if (found === undefined) throw new UserError('This API key is not known.', { status: 401 });
    return found;
  };
}

/** `admin` may do everything. @throws UserError 403 */
export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope) || principal.scopes.has('admin')) return;
  throw new UserError(`This needs a key with the scope "${scope}".`, { status: 403 });
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** @throws UserError when an open service would be reachable from other machines */
export function requireSafeBinding(host: string, keys: readonly ApiKey[]): void {
  if (keys.length > 0 || isLoopback(host)) return;
  throw new UserError(
    `Listening on ${host} without API keys would let anyone in. Set WINNOW_API_KEYS="name:key:read+write", or listen on 127.0.0.1.`,
  );
}
