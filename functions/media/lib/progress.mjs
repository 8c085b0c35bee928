/** Tells the engine how far we are, in whole percent; 100 only once the result is checked. */
export function percentReporter(context, totalSeconds) {
  let last = -1;
  const say = (percent, message) => {
    if (percent <= last) return;
    last = percent;
    // Progress is for watching: that it cannot be told is no reason to fail.
    Promise.resolve(context.progress?.({ percent, message })).catch(() => {});
  };
  const report = (seconds) => {
    if (totalSeconds > 0)
      say(
        Math.min(99, Math.floor((seconds / totalSeconds) * 100)),
        `${seconds.toFixed(1)} of ${totalSeconds.toFixed(1)} s`,
      );
  };
  report.done = () => say(100, 'done');
  return report;
}
