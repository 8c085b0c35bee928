import { Course } from './course.js';
import type { MapState, ParallelState, StateMachine, TaskState, WaitState } from './definition.js';
import { resultBytes, tooLarge } from './limits.js';
import type { Frame, Happened, Surroundings, TimerKind, Transition, Waiting } from './model.js';
import { event, type Scene, sceneOf, stateOf } from './scene.js';
import { mapRunFailed, mapRunSucceeded } from './map-run/enter-map-run.js';
import { childFailed, childrenCollected, childrenSucceeded, childSucceeded, moreChildren } from './states/children.js';
import { enter } from './states/enter.js';
import { heartbeatMissed, taskFailed, taskSucceeded, taskTimedOut } from './states/task.js';
import { taskEvent, workerOf } from './states/task-event.js';
import { leaveWait } from './states/wait.js';

/**
 * The whole interpreter: (definition, frame, what happened) to (frame, what to do, what to remember).
 * Pure: no clock, no randomness, no I/O, so that replaying what happened gives the same frames. One call runs on until
 * the frame waits for something or ends. What answers a step that the frame has left changes nothing.
 */
export function transition(
  definition: StateMachine,
  frame: Frame,
  happened: Happened,
  around: Surroundings,
): Transition {
  if (frame.status !== 'RUNNING' || isStale(frame, happened)) return { frame, commands: [], history: [] };
  return react(sceneOf(definition, frame, around), happened);
}

function react(scene: Scene, happened: Happened): Transition {
  const course = new Course(scene);
  switch (happened.type) {
    case 'Started':
      return course.start(happened.input, happened.after);
    case 'Stopped':
      return stop(course, scene.frame, happened);
    case 'TaskStarted':
      return course.record(taskEvent(scene, 'Started', { ...happened.details })).stay();
    case 'TaskSubmitted':
      return course.record(taskEvent(scene, 'Submitted', { output: happened.output })).stay();
    case 'TaskSucceeded':
      return course.follow(() => {
        const { output } = happened;
        resultBytes(output, workerOf(stateOf(scene) as TaskState), scene.around.maxDataBytes);
        course.record(taskEvent(scene, 'Succeeded', { output }));
        return taskSucceeded(scene, stateOf(scene) as TaskState, output);
      });
    case 'TaskFailed':
      return course.follow(() => taskFailed(scene, happened.failure, happened.before));
    case 'TimerFired':
      return timerFired(course, scene, happened.kind);
    case 'ChildSucceeded':
      return oneSucceeded(course, scene, happened);
    case 'ChildFailed':
      goOnFrom(course, happened);
      return course.follow(() => childFailed(scene, happened));
    case 'ChildrenCollected':
      return course.follow(() => {
        if (happened.isTooLarge) throw tooLarge(scene.frame.stateName);
        course.record(childrenSucceeded(parentState(scene)));
        return childrenCollected(scene, parentState(scene), happened.outputs);
      });
    case 'MapRunStarted':
      return course.record(event('MapRunStarted', { ...happened.details })).stay();
    case 'MapRunSucceeded':
      course.record(event('MapRunSucceeded', {}), event('MapStateSucceeded', {}));
      return course.follow(() => mapRunSucceeded(scene, stateOf(scene) as MapState, happened.output));
    case 'MapRunFailed':
      return course.follow(() => mapRunFailed(happened.failure));
  }
}

function timerFired(course: Course, scene: Scene, kind: TimerKind): Transition {
  switch (kind) {
    case 'wait':
      return course.follow(() => leaveWait(scene, stateOf(scene) as WaitState));
    case 'retry':
      return course.follow(() => enter(scene, stateOf(scene)));
    case 'timeout':
      return course.follow(() => taskTimedOut(scene));
    case 'heartbeat':
      return course.follow(() => heartbeatMissed(scene));
    case 'yield':
      return course.resume();
    case 'children':
      return course.follow(() => moreChildren(scene, stateOf(scene) as MapState));
  }
}

function oneSucceeded(
  course: Course,
  scene: Scene,
  happened: Extract<Happened, { type: 'ChildSucceeded' }>,
): Transition {
  const { frame, start, isLast, isMore, history } = childSucceeded(scene.frame, isMap(scene), happened.index);
  const { step } = frame;
  goOnFrom(course, happened);
  course.record(...history).become(isLast ? { ...frame, waiting: 'collection' } : frame);
  if (isMore) return course.follow(() => moreChildren({ ...scene, frame }, stateOf(scene) as MapState));
  if (start !== undefined) course.ask({ type: 'StartChild', step, index: start });
  if (isLast) {
    course.line?.catchUp();
    course.ask({ type: 'CollectChildren', step });
  }
  return course.stay();
}

/** The history of a Parallel or Map goes on from the child that has ended. */
function goOnFrom({ line }: Course, { lastEvent }: { readonly lastEvent?: number | undefined }): void {
  if (lastEvent !== undefined) line?.moveTo(lastEvent);
}

function stop(course: Course, frame: Frame, { status, failure }: Extract<Happened, { type: 'Stopped' }>): Transition {
  if (frame.waiting === 'task') course.ask({ type: 'CancelTask', step: frame.step });
  if (frame.waiting === 'children' || frame.waiting === 'collection') {
    course.ask({ type: 'StopChildren', step: frame.step });
  }
  if (frame.waiting === 'mapRun') course.ask({ type: 'StopMapRun', step: frame.step });
  course.end(status, { failure });
  return course.stay();
}

const isMap = (scene: Scene): boolean => stateOf(scene).Type === 'Map';
const parentState = (scene: Scene): MapState | ParallelState => stateOf(scene) as MapState | ParallelState;

const AWAITED: Record<TimerKind, Waiting> = {
  wait: 'wait',
  retry: 'retry',
  timeout: 'task',
  heartbeat: 'task',
  yield: 'yield',
  children: 'children',
};

/** What happens is delivered at least once, and late: only what the frame waits for counts. */
function isStale(frame: Frame, happened: Happened): boolean {
  switch (happened.type) {
    case 'Started':
      return frame.stateName !== '';
    case 'Stopped':
      return false;
    case 'TaskStarted':
    case 'TaskSubmitted':
    case 'TaskSucceeded':
    case 'TaskFailed':
      return !isAwaited(frame, happened.step, 'task');
    case 'TimerFired':
      return !isAwaited(frame, happened.step, AWAITED[happened.kind]);
    case 'ChildSucceeded':
    case 'ChildFailed':
      return !isAwaited(frame, happened.step, 'children');
    case 'ChildrenCollected':
      return !isAwaited(frame, happened.step, 'collection');
    case 'MapRunStarted':
    case 'MapRunSucceeded':
    case 'MapRunFailed':
      return !isAwaited(frame, happened.step, 'mapRun');
  }
}

const isAwaited = (frame: Frame, step: number, waiting: Waiting): boolean =>
  frame.step === step && frame.waiting === waiting;
