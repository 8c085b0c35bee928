/** AWS's rules for general purpose buckets; they also make the name safe as that of a folder. */
export const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name) && !/^\d+\.\d+\.\d+\.\d+$/.test(name);

export const MAX_KEY_BYTES = 1024;
