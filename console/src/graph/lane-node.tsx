/** The frame of one branch of a Parallel, or of the machine a Map repeats. */
export function LaneNode() {
  return <div className="lane" />;
}
