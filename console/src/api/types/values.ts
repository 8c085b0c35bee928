export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What stands in for a value of more than 256 KiB. */
export interface LargeValue {
  readonly truncated: true;
  readonly bytes: number;
  readonly href: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | null;
}

export interface ObjectUrl {
  readonly url: string;
  readonly size?: number;
  readonly contentType?: string;
  readonly expiresAt?: string;
}
