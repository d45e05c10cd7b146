import type { FieldDefinition } from '../../src/config/schema.ts';
import type { FieldIssue } from '../../src/domain/errors.ts';
import type { Expression, ExpressionEnvironment } from '../../src/filters/expression.ts';
import { parseList, refuse, tryParse } from '../../src/filters/policies.ts';
import { type Action, actionOf, type RuleSource, ruleSchema } from './ruleSchema.ts';

export interface Rule {
  readonly id: string;
  readonly action: Action;
  readonly where?: Expression;
  readonly audience?: Expression;
  readonly scenarios?: ReadonlySet<string>;
  /** Milliseconds; the rule is in force from `from` and before `until`. */
  readonly from: number;
  readonly until: number;
}

/** Business rules, as they were written, and parsed in the order in which they act. */
export interface RuleSet {
  readonly source: readonly RuleSource[];
  readonly rules: readonly Rule[];
}

const MOST_RULES = 500;

/**
 * Reads a list of rules (docs/rules.md).
 * @param value what a YAML file or a request held; nothing at all is an empty list
 * @throws UserError naming everything that is wrong with the set, by path; none of it is taken then
 */
export function parseRules(value: unknown, environment: ExpressionEnvironment, path = 'rules'): RuleSet {
  const issues: FieldIssue[] = [];
  const entries = parseList(value ?? [], ruleSchema, MOST_RULES, path, issues);
  const parsed = entries.flatMap(({ entry, place }) => parseRule(entry, environment, place, issues) ?? []);
  refuse(issues);
  const source = entries.map(({ entry }) => entry);
  const priorities = new Map(source.map(({ id, priority }) => [id, priority ?? 0]));
  const rules = [...parsed].sort((a, b) => (priorities.get(b.id) ?? 0) - (priorities.get(a.id) ?? 0));
  return { source, rules };
}

function parseRule(source: RuleSource, environment: ExpressionEnvironment, path: string, issues: FieldIssue[]): Rule | undefined {
  const before = issues.length;
  const action = actionOf(source);
  if ('wrong' in action) issues.push({ path, message: action.wrong });
  else issues.push(...checkFields(action, environment, path));
  const where = source.where === undefined ? undefined : tryParse(source.where, environment, `${path}.where`, issues);
  const audience = source.audience === undefined ? undefined : tryParse(source.audience, environment, `${path}.audience`, issues);
  if (audience?.readsItem)
    issues.push({ path: `${path}.audience`, message: 'says for whom, so it cannot read item: that goes into where' });
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = source;
  if (from >= until) issues.push({ path: `${path}.until`, message: 'is not after from' });
  if (issues.length > before || 'wrong' in action) return undefined;
  return {
    id: source.id,
    action,
    ...(where ? { where } : {}),
    ...(audience ? { audience } : {}),
    ...(source.scenarios ? { scenarios: new Set(source.scenarios) } : {}),
    from,
    until,
  };
}

function checkFields(action: Action, { fields }: ExpressionEnvironment, path: string): FieldIssue[] {
  const expect = (key: string, name: string, types: readonly FieldDefinition['type'][]): FieldIssue[] => {
    const definition = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (definition && types.includes(definition.type)) return [];
    const fitting = Object.keys(fields).filter((field) => types.includes(fields[field]?.type ?? 'text'));
    const problem = definition ? `field "${name}" is of type ${definition.type}` : `unknown field "${name}"`;
    return [{ path: `${path}.${key}`, message: `${problem}; possible here: ${fitting.join(', ') || 'none'}` }];
  };
  switch (action.kind) {
    case 'cap':
      return expect('capPer', action.field, ['category', 'categories', 'number', 'boolean', 'text']);
    case 'fresh':
      return expect('boostFresh', action.field, ['date']);
    case 'diversify':
      return action.by === 'vectors' ? [] : expect('diversify', action.by, ['category', 'categories', 'number', 'boolean']);
    default:
      return [];
  }
}
