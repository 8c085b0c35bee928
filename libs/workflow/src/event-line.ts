type Kind = 'outside' | 'last' | 'aside' | 'beside';

const all = (kind: Kind, ...types: readonly string[]): [string, Kind][] => types.map((type) => [type, kind]);
/** Of events that are not simply one behind the other. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  // Nothing comes before them, in AWS's eyes.
  ...all('outside', 'ExecutionStarted', 'ExecutionAborted', 'ExecutionTimedOut'),
  // They end an execution, and follow whatever was told last.
  ...all('last', 'ExecutionSucceeded', 'ExecutionFailed'),
  // They follow whatever was told last, and are passed over by what comes next.
  ...all('aside', 'ParallelStateSucceeded', 'MapStateSucceeded', 'MapRunSucceeded'),
  // Several of them follow the same event, which what comes next follows, too.
  ...all('beside', 'MapIterationStarted', 'MapIterationSucceeded', 'MapIterationFailed', 'MapIterationAborted'),
  ...all('beside', 'TaskStateAborted', 'WaitStateAborted', 'ParallelStateAborted', 'MapStateAborted', 'MapRunAborted'),
]);

/**
 * What AWS gives as `previousEventId`: an event follows the one before it on its line of control, not in the list. A
 * branch or an iteration is a line of its own, which begins at the event that started it; the state around it goes on
 * from the line that ended last. Read off histories that were recorded on AWS:
 *
 *   3 MapStateStarted ─▶ 4 MapIterationStarted 0 ─▶ 6 PassStateEntered ─▶ 8 PassStateExited ─▶ 10 MapIterationSucceeded 0
 *                     ╰▶ 5 MapIterationStarted 1 ─▶ 7 PassStateEntered ─▶ 9 PassStateExited ─▶ 11 MapIterationSucceeded 1
 *                                                                           12 MapStateSucceeded ◀╯╰▶ 13 MapStateExited
 */
export class EventLine {
  private tail: number;

  constructor(
    /** The event that the next one follows. */
    public last: number,
    /** The number of the next one. */
    public next: number,
  ) {
    this.tail = last;
  }

  /** Goes on from an event of another line. */
  moveTo(event: number): void {
    this.last = event;
    this.tail = event;
  }

  /** What was told beside the line is followed after all. */
  catchUp(): void {
    this.last = this.tail;
  }

  /** Takes the next event, and gives the one that it follows. */
  follow(type: string): number {
    const id = this.next++;
    const kind = KINDS.get(type);
    if (kind === 'outside') return 0;
    const previous = kind === 'last' || kind === 'aside' ? this.tail : this.last;
    this.tail = id;
    if (kind === undefined) this.last = id;
    return previous;
  }
}
