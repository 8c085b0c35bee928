import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { toJsonSchema } from './json-schema.js';

/** The named schemas of all answers, for the document's components. */
export const answerComponents: Record<string, object> = {};

interface Described {
  readonly summary: string;
  readonly description?: string;
  /** Of the answer's body; none for an answer without one. */
  readonly answer?: z.ZodType;
  readonly status?: number;
  /** What a 202 means, for work that goes on. */
  readonly accepted?: string;
  /** JSON, if not said. */
  readonly contentType?: string;
}

/** Says in one place what a route does and answers: for the document and, as to the status, for the answer itself. */
export function Operation({
  summary,
  description,
  answer,
  status = 200,
  accepted,
  contentType,
}: Described): MethodDecorator {
  const converted = answer && toJsonSchema(answer, 'output');
  Object.assign(answerComponents, converted?.components);
  const content = converted && { content: { [contentType ?? 'application/json']: { schema: converted.schema } } };
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary, ...(description && { description }) }),
    ApiResponse({ status, description: 'Done', ...(content as object) }),
    ...(accepted ? [ApiResponse({ status: 202, description: accepted, ...(content as object) })] : []),
  );
}
