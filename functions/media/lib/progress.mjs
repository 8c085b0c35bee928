const leastKnownSeconds = 1;

/**
 * Tells the engine how far we are: in percent, how many times as fast as the film plays, and how long it will take.
 * 100 only once the result is checked.
 */
export function percentReporter(context, total, unit = 's') {
  let last = -1;
  const began = performance.now();
  const say = (percent, message, more) => {
    if (percent <= last) return;
    last = percent;
    // Progress is for watching: that it cannot be told is no reason to fail.
    Promise.resolve(context.progress?.({ percent, message, ...more })).catch(() => {});
  };
  const report = (done) => {
    if (!(total > 0)) return;
    const seconds = (performance.now() - began) / 1_000;
    const rate = done / seconds;
    const more = seconds >= leastKnownSeconds &&
      done > 0 && {
        ...(unit === 's' && { speed: Math.round(rate * 100) / 100 }),
        etaSeconds: Math.max(0, Math.round((total - done) / rate)),
      };
    say(
      Math.min(99, Math.floor((done / total) * 1_000) / 10),
      `${done.toFixed(1)} of ${total.toFixed(1)} ${unit}`,
      more,
    );
  };
  report.done = () => say(100, 'done', { etaSeconds: 0 });
  return report;
}

/**
 * Of work that reads its source several times: each call gives the reporter of the next of `count` parts. What comes
 * after them, as a correction that was not foreseen, is the end of the last.
 */
export function stages(report, seconds, count) {
  let next = 0;
  return () => {
    const index = Math.min(next++, count - 1);
    return (at) => report(((index + Math.min(1, at / seconds)) / count) * seconds);
  };
}
