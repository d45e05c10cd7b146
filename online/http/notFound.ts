import { UserError } from '../../src/domain/errors.ts';

export const notFound = (what: string): UserError => new UserError(what, { status: 404 });
