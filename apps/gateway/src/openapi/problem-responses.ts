/** RFC 9457 section 3.1, with our extension members. */
export const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'urn:spool:error:CODE' },
    title: { type: 'string', description: 'The kind of problem, in words' },
    status: { type: 'integer', description: 'The HTTP status' },
    detail: { type: 'string', description: 'What is wrong this time' },
    code: { type: 'string', description: 'Stable: what a program may match on' },
    requestId: { type: 'string', description: 'Finds the request in the log' },
    errors: {
      type: 'array',
      description: 'Each broken rule',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the body, or /query/NAME, or /path/NAME' },
          message: { type: 'string' },
        },
      },
    },
  },
};

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

interface Route {
  readonly takesInput: boolean;
  readonly isGuarded: boolean;
  readonly path: string;
}

export const problemResponses = ({ takesInput, isGuarded, path }: Route) => ({
  ...(takesInput && { 400: problem('The request breaks a rule; `errors` says which') }),
  ...(isGuarded && { 401: problem('No key, or one that is not known or was revoked') }),
  ...(path.includes('{') && { 404: problem('There is no such thing in the namespace of the key') }),
  default: problem('Any other problem'),
});
