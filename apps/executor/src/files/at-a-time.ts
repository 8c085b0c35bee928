/** Runs what it is given, only so many at a time; the others wait in their order. */
export function atATime(parallel: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let free = parallel;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
