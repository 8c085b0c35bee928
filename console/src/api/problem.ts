/** What a refused request answered: problem details as of RFC 9457, or as much of them as arrived. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
    this.name = 'Problem';
  }

  static unreachable(cause: unknown): Problem {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Problem(0, 'unreachable', `Spool cannot be reached (${why}). Is it running? Start it with: npm start`);
  }

  static async of(response: Response): Promise<Problem> {
    const body: unknown = await response.json().catch(() => undefined);
    const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const detail = said.detail ?? said.title ?? `${response.status} ${response.statusText}`.trim();
    return new Problem(
      response.status,
      String(said.code ?? `http_${response.status}`),
      String(detail),
      fields(said.errors),
    );
  }
}

function fields(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: { pointer?: unknown; message?: unknown; detail?: unknown }) => ({
    pointer: String(error.pointer ?? ''),
    message: String(error.message ?? error.detail ?? ''),
  }));
}
