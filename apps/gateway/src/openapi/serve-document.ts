import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { buildDocument } from './document.js';

/** `/openapi.json` for programs, `/docs` for people. The document is built when it is first asked for. */
export function serveDocument(app: INestApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= buildDocument(app)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Spool API',
    swaggerOptions: { persistAuthorization: false, displayOperationId: false, tagsSorter: 'alpha' },
  });
}
