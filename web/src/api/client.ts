import * as z from 'zod/mini';

// What went wrong, in the server's own terms where it answered. `hint` says what to do and may
// be empty.
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export type Params = Record<string, string | number | readonly string[] | undefined>;

const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z._default(z.string(), ''),
});

function urlOf(path: string, params: Params): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(key, String(item));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function send(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept: 'application/json' }, signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(
      'unreachable',
      'Telltale does not answer',
      'Is `telltale serve` still running? This page goes on by itself once it is back.',
    );
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = errorBody.safeParse(await response.json().catch(() => null));
  if (body.success) return new ApiError(body.data.code, body.data.message, body.data.hint);
  return new ApiError(
    'internal',
    `The server answered ${response.status} ${response.statusText}`.trim(),
    'That is not how Telltale refuses: a proxy between this page and it may have answered.',
  );
}

// Reads `value` by `schema`. An answer that does not fit is an error that names the first place
// where it does not, since everything after it would be guesswork.
export function parseAnswer<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place =
    issue === undefined || issue.path.length === 0 ? 'the answer itself' : z.core.toDotPath(issue.path);
  throw new ApiError(
    'bad_answer',
    `Cannot read ${what}: ${place}: ${issue?.message ?? 'unknown shape'}`,
    'Page and server may be of different versions: reload the page.',
  );
}

export async function getJson<T>(
  path: string,
  params: Params,
  schema: z.ZodMiniType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const response = await send(urlOf(path, params), signal);
  if (!response.ok) throw await refusal(response);
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(
      'bad_answer',
      `Cannot read ${path}: not JSON`,
      'Is this port really served by Telltale?',
    );
  }
  return parseAnswer(schema, body, path);
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('internal', error instanceof Error ? error.message : String(error), '');
}
