/** What JSON can say. Mutable and plain on purpose, so that it fits any other description of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
