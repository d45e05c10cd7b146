import { Bitset, difference, intersection, union } from '../bitset.ts';

/**
 * What an expression comes to, for all rows at once: rows where it is surely true (`yes`) and surely false (`no`), and rows
 * where evaluating it may turn out so. On a row in none of them it is an error. Where nothing is left to evaluate, `maybeYes`
 * is `yes` itself and `maybeNo` is `no` itself.
 */
export interface Outcome {
  readonly yes: Bitset;
  readonly no: Bitset;
  readonly maybeYes: Bitset;
  readonly maybeNo: Bitset;
}

export const exactly = (yes: Bitset, no: Bitset): Outcome => ({ yes, no, maybeYes: yes, maybeNo: no });
export const unknown = (among: Bitset): Outcome => {
  const none = new Bitset(0);
  return { yes: none, no: none, maybeYes: among, maybeNo: among };
};
export const isExact = (outcome: Outcome): boolean => outcome.yes === outcome.maybeYes && outcome.no === outcome.maybeNo;

/** Applies a combination to what is sure and, where it differs, to what may be. */
function combine(
  parts: readonly Outcome[],
  of: (sides: readonly { yes: Bitset; no: Bitset }[]) => { yes: Bitset; no: Bitset },
): Outcome {
  const sure = of(parts);
  if (parts.every(isExact)) return exactly(sure.yes, sure.no);
  const may = of(parts.map((part) => ({ yes: part.maybeYes, no: part.maybeNo })));
  return { yes: sure.yes, no: sure.no, maybeYes: may.yes, maybeNo: may.no };
}

/** CEL's `&&` holds where both do, and fails where one does, even where the other is an error. */
export const both = (a: Outcome, b: Outcome): Outcome =>
  combine([a, b], ([l, r]) => ({ yes: intersection(l!.yes, r!.yes), no: union(l!.no, r!.no) }));

export const either = (a: Outcome, b: Outcome): Outcome =>
  combine([a, b], ([l, r]) => ({ yes: union(l!.yes, r!.yes), no: intersection(l!.no, r!.no) }));

export const negated = (a: Outcome): Outcome => ({ yes: a.no, no: a.yes, maybeYes: a.maybeNo, maybeNo: a.maybeYes });

export const chosen = (condition: Outcome, then: Outcome, otherwise: Outcome): Outcome =>
  combine([condition, then, otherwise], ([c, t, o]) => ({
    yes: union(intersection(c!.yes, t!.yes), intersection(c!.no, o!.yes)),
    no: union(intersection(c!.yes, t!.no), intersection(c!.no, o!.no)),
  }));

/** Of rows that have a value: true on `yes`, an error on `errors`, else false. */
export const among = (present: Bitset, yes: Bitset, errors?: Bitset): Outcome => {
  const no = difference(present, yes);
  return exactly(yes, errors ? no.andNot(errors) : no);
};
