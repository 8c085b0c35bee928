import { z } from 'zod';

/** What stands in an answer for a value of more than 256 KiB, under its name with `Details`. */
export const largeValue = z
  .object({
    truncated: z.literal(true),
    bytes: z.int().meta({ description: 'Of the value as JSON' }),
    href: z.string().meta({ description: 'Where the value is, whole' }),
  })
  .meta({ id: 'LargeValue', description: 'Of a value of more than 256 KiB that is left out here' });

export const leftOut = (bytes: number, href: string): z.input<typeof largeValue> => ({ truncated: true, bytes, href });
