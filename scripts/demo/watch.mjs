const isTerminal = process.stdout.isTTY === true;
const paint = (code) => (text) => (isTerminal && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const dim = paint(2);
export const green = paint(32);
export const red = paint(31);

export const say = (line = '') => process.stdout.write(`${line}\n`);

const width = 24;
const bar = (percent) => '█'.repeat(Math.round((percent / 100) * width)).padEnd(width, '░');

const clear = () => isTerminal && process.stdout.write('\r\u001b[2K');

/** Lines that stay, and on a terminal one live line below them. */
function createScreen() {
  return {
    line(text) {
      clear();
      say(text);
    },
    live(text) {
      if (!isTerminal) return;
      clear();
      process.stdout.write(text.slice(0, (process.stdout.columns || 80) - 1));
    },
    clear,
  };
}

/** In a log each tenth of the way is a line; on a terminal there is a bar. */
function createProgress(screen) {
  const last = new Map();
  return ({ id, stateName, status, progress }) => {
    if (status !== 'RUNNING' || progress?.percent === undefined) return;
    const { percent } = progress;
    screen.live(`    ${stateName}  ${bar(percent)} ${String(percent).padStart(3)} %  ${progress.message ?? ''}`);
    const step = Math.floor(percent / 10);
    if (isTerminal || step <= (last.get(id) ?? -1)) return;
    last.set(id, step);
    screen.line(`    ${stateName}  ${percent} %`);
  };
}

/** A function's cause is JSON with the error's message in it; others are text. */
export function readableCause(cause = '') {
  try {
    return JSON.parse(cause).errorMessage ?? cause;
  } catch {
    return cause;
  }
}

/** Shows a history event; states are told when they are entered and left, with how long they took. */
function createHistory(screen) {
  const entered = new Map();
  return ({ type, at, frameId, details }) => {
    const key = `${frameId}/${details.name}`;
    if (type.endsWith('StateEntered')) {
      entered.set(key, Date.parse(at));
      screen.line(`  ${dim('→')} ${details.name}`);
    } else if (type.endsWith('StateExited')) {
      const seconds = ((Date.parse(at) - entered.get(key)) / 1_000).toFixed(1);
      screen.line(`  ${green('✓')} ${details.name} ${dim(`${seconds} s`)}`);
    } else if (/^(Task|Lambda.*)(Failed|TimedOut)$/.test(type)) {
      screen.line(`  ${red('✗')} ${type}: ${details.error ?? ''} ${dim(readableCause(details.cause).slice(0, 300))}`);
    }
  };
}

/** Follows an execution in the terminal until it ends; gives back the invocations that were seen. */
export async function watch(api, id, signal) {
  const screen = createScreen();
  const onHistory = createHistory(screen);
  const onInvocation = createProgress(screen);
  const invocations = new Map();
  try {
    for await (const { event, data } of api.follow(id, signal)) {
      if (event === 'history') onHistory(data);
      if (event !== 'invocation') continue;
      invocations.set(data.id, data);
      onInvocation(data);
    }
  } finally {
    screen.clear();
  }
  return [...invocations.values()];
}
