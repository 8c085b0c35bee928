import { z } from 'zod';

/** What goes into an exchange as it is; what is larger goes by way of the object store. */
export const MAX_VALUE_BYTES = 256 * 1024;

export const openResult = z.object({ attempt: z.number().int().min(1), bytes: z.number().int().min(0) });
export type OpenResult = z.infer<typeof openResult>;

/** Where to PUT the result's JSON; without it, the result is too large to be taken. */
export const openedResult = z.object({ object: z.object({ key: z.string(), url: z.url() }).optional() });
export type OpenedResult = z.infer<typeof openedResult>;

export const openUpload = z.object({
  attempt: z.number().int().min(1),
  name: z.string(),
  size: z.number().int().min(0),
  contentType: z.string().max(255),
});
export type OpenUpload = z.infer<typeof openUpload>;

/** Part n of the file is `partBytes` long (the last one shorter) and goes to `urls[n - 1]` with PUT. */
export const openedUpload = z.object({ partBytes: z.number().int(), urls: z.array(z.url()).min(1) });
export type OpenedUpload = z.infer<typeof openedUpload>;
