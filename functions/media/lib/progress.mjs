/** Tells the engine how far we are, in whole percent; 100 only once the result is checked. */
export function percentReporter(context, total, unit = 's') {
  let last = -1;
  const say = (percent, message) => {
    if (percent <= last) return;
    last = percent;
    // Progress is for watching: that it cannot be told is no reason to fail.
    Promise.resolve(context.progress?.({ percent, message })).catch(() => {});
  };
  const report = (done) => {
    if (total > 0)
      say(Math.min(99, Math.floor((done / total) * 100)), `${done.toFixed(1)} of ${total.toFixed(1)} ${unit}`);
  };
  report.done = () => say(100, 'done');
  return report;
}
