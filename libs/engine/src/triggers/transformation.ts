import { createHash, randomUUID } from 'node:crypto';
import { AslFailure, evaluateTemplate, type Json, validateTemplate } from '@app/workflow';
import type { Issue } from '@app/common';
import type { QueryLanguage } from './new-trigger.js';
import type { Trigger } from './trigger.js';

type Templates = Pick<Trigger, 'input' | 'queryLanguage' | 'executionName'>;

/** What a trigger makes of an event. */
export interface Transformed {
  readonly input: Json;
  readonly executionName?: string;
}

/** JSONata's name for the event, beside `$states.input`. */
const EVENT = 'event';
const MAX_NAME = 80;
const DIGEST_LENGTH = 16;
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** Of an event, or of a batch of them. Throws `AslFailure`. */
export function transformed(trigger: Templates, given: Json): Transformed {
  const { input, executionName } = trigger;
  return {
    input: input === undefined ? given : evaluated(trigger, input, given, 'input'),
    ...(executionName !== undefined && { executionName: nameOf(trigger, executionName, given) }),
  };
}

function evaluated({ queryLanguage }: Templates, template: Json, event: Json, field: string): Json {
  // Whatever starts says how much it takes.
  const around = { random: Math.random, uuid: randomUUID, now: Date.now(), maxDataBytes: MAX_INPUT_BYTES };
  const setting = { language: queryLanguage ?? 'JSONPath', variables: { [EVENT]: event }, field, around } as const;
  return evaluateTemplate(template, event, setting);
}

/** A name is a text that fits; keys have slashes, and are longer. */
function nameOf(trigger: Templates, template: string, event: Json): string {
  const isPath = (trigger.queryLanguage ?? 'JSONPath') === 'JSONPath';
  const value = isPath
    ? (evaluated(trigger, { 'name.$': template }, event, 'executionName') as { name: Json }).name
    : evaluated(trigger, template, event, 'executionName');
  const name = typeof value === 'number' ? String(value) : value;
  if (typeof name !== 'string' || name === '') {
    throw new AslFailure('Trigger.InvalidName', `executionName must give a text, not ${JSON.stringify(value)}`);
  }
  return fitting(name.replaceAll(/[^A-Za-z0-9._-]+/g, '-'));
}

/** What tells long names apart often stands at their end: a digest takes its place. */
function fitting(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  return `${name.slice(0, MAX_NAME - DIGEST_LENGTH - 1)}-${digest}`;
}

/** What is wrong with the templates, whatever the event is. */
export function templateProblems({ input, queryLanguage: language = 'JSONPath', executionName }: Templates): Issue[] {
  const variables = [EVENT];
  const found = input === undefined ? [] : validateTemplate(input, { language, variables, pointer: '/input' });
  return [...found.map(plain), ...nameProblems(executionName, language)];
}

const plain = ({ pointer, message }: Issue): Issue => ({ pointer, message });

function nameProblems(template: string | undefined, language: QueryLanguage): Issue[] {
  if (template === undefined) return [];
  const pointer = '/executionName';
  if (language === 'JSONPath') {
    return validateTemplate({ 'name.$': template }, { language }).map(({ message }) => ({ pointer, message }));
  }
  if (!template.startsWith('{%')) return [{ pointer, message: 'must be an expression of JSONata in {% … %}' }];
  return validateTemplate(template, { language, variables: [EVENT], pointer }).map(plain);
}
