import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { VERSION } from '../settings.js';
import { type Access, accessTo } from '../shell/access.js';
import { toJsonSchema } from './json-schema.js';
import { answerComponents } from './operation.decorator.js';
import { problemResponses, problemSchema } from './problem-responses.js';

type SecurityRequirement = Record<string, string[]>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const SECURITY: Readonly<Record<Access, SecurityRequirement[]>> = {
  open: [],
  executor: [{ executorToken: [] }],
  local: [{}, { apiKey: [] }, { bearer: [] }],
  key: [{ bearer: [] }, { apiKey: [] }],
};

const DESCRIPTION = `Spool runs workflows and functions on media when files, messages or the clock say so.

Errors are problem details (RFC 9457): \`code\` is stable and meant for programs, \`detail\` for people, and \`errors\`
names each broken rule with a JSON Pointer to its field. Lists that can grow are pages: send \`nextCursor\` back as
\`cursor\` to read on.`;

export function buildDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Spool')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key' }, 'apiKey')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: "The executors' token" }, 'executorToken')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? toJsonSchema(schema, schemaType) : undefined,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
    autoTagControllers: false,
  });
  const components = document.components ?? {};
  components.schemas = { ...components.schemas, ...answerComponents, Problem: problemSchema } as never;
  return { ...document, components, paths: Object.fromEntries(Object.entries(document.paths).map(complete)) };
}

/** What is the same for all routes: who may call it, and how it fails. */
function complete([path, item]: [string, OpenAPIObject['paths'][string]]): [string, OpenAPIObject['paths'][string]] {
  const access = accessTo(path);
  for (const method of METHODS) {
    const operation = item[method];
    if (!operation) continue;
    operation.security = SECURITY[access];
    operation.tags = [tagOf(path)];
    const takesInput = Boolean(operation.requestBody ?? operation.parameters?.length);
    const problems = problemResponses({ takesInput, isGuarded: access === 'key' || access === 'executor', path });
    operation.responses = { ...operation.responses, ...problems };
  }
  return [path, item];
}

/** The first noun of the address. */
function tagOf(path: string): string {
  const [first = '', second = ''] = path.slice(1).split('/');
  if (first === 'worker') return 'worker API';
  return first === 'v1' ? second : 'operations';
}
