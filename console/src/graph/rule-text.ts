const comparisons: Record<string, string> = {
  Equals: '=',
  EqualsPath: '=',
  LessThan: '<',
  LessThanPath: '<',
  GreaterThan: '>',
  GreaterThanPath: '>',
  LessThanEquals: '≤',
  LessThanEqualsPath: '≤',
  GreaterThanEquals: '≥',
  GreaterThanEqualsPath: '≥',
  Matches: 'like',
};

type Rule = { readonly [key: string]: unknown };

/** A rule of a Choice state, short enough for an arrow. */
export function ruleText(rule: Rule): string {
  if (typeof rule.Condition === 'string') return rule.Condition.replace(/^{%\s*|\s*%}$/g, '');
  if (isRule(rule.Not)) return `not ${ruleText(rule.Not)}`;
  if (Array.isArray(rule.And)) return rule.And.map(ruleText).join(' and ');
  if (Array.isArray(rule.Or)) return rule.Or.map(ruleText).join(' or ');
  const variable = String(rule.Variable ?? '').replace(/^\$\./, '');
  const operator = Object.keys(rule).find((key) => key !== 'Variable' && key !== 'Next' && key !== 'Comment');
  if (operator === undefined) return variable;
  const value = rule[operator];
  if (operator.startsWith('Is')) return `${variable} is ${value === false ? 'not ' : ''}${words(operator.slice(2))}`;
  const comparison = comparisons[operator.replace(/^(String|Numeric|Boolean|Timestamp)/, '')] ?? words(operator);
  return `${variable} ${comparison} ${JSON.stringify(value)}`;
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null;
}

function words(camelCase: string): string {
  return camelCase.replace(/(?!^)([A-Z])/g, ' $1').toLowerCase();
}
