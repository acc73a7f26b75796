/** A request that the API server refused. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly code: number;
  /** Kubernetes' word for it: `NotFound`, `Conflict`, `Invalid`, `Forbidden` … Empty where the answer has none. */
  readonly reason: string;
  /** What the API server says of it, for people. */
  readonly detail: string;

  constructor(request: string, code: number, { reason = '', message = '' }: { reason?: string; message?: string }) {
    super(`${request}: ${code} ${reason}${message === '' ? '' : `: ${message}`}`);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.detail = message;
  }

  /** @param text - The body of the answer: a `Status` object where the API server itself wrote it. */
  static from(request: string, code: number, text: string): ApiError {
    try {
      const status = JSON.parse(text) as { reason?: string; message?: string }; // meta/v1 Status
      return new ApiError(request, code, status);
    } catch {
      return new ApiError(request, code, { message: text.slice(0, 256) });
    }
  }
}
