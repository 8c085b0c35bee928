/** Names in the order in which Java's `HashMap` goes through them: by bucket, and within one as they came. */
export function javaOrder(names: readonly string[]): readonly string[] {
  const last = buckets(names.length) - 1;
  return names
    .map((name) => [bucketHash(name) & last, name] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, name]) => name);
}

/** It doubles when three quarters are filled. */
function buckets(size: number): number {
  let count = 16;
  while (size > count * 0.75) count *= 2;
  return count;
}

function bucketHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(31, hash) + text.charCodeAt(at)) | 0;
  return hash ^ (hash >>> 16);
}
