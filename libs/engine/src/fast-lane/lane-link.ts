import {
  type Frame,
  type LaneCall,
  type LaneEnded,
  laneEnded,
  LaneFrame,
  type LaneLines,
  type LaneMeasured,
  type LaneWarm,
} from '@app/worker-api';
import { lostCall } from './lost-call.js';
import type { FastCall, FastEnd } from './call-record.js';

/** The connection to one executor, as this room sees it. */
export interface LaneSocket {
  readonly executorId: string;
  send(type: number, call: number, head: string, body?: Buffer): void;
  close(): void;
}

/** Instances of one version at one executor. */
export interface LaneRoute {
  readonly link: LaneLink;
  readonly ref: number;
  /** Of the version and namespace that it serves. */
  readonly key: string;
  instances: number;
  inFlight: number;
  /** It had no room a moment ago. */
  closedUntil: number;
  /** How long a call takes there lately. */
  callMs: number;
}

/** How much of the last call goes into the mean. */
const WEIGHT = 0.1;

/** `declined` if nobody has begun it; `queued` if it is a task that waits in the queue. */
export type Outcome = FastEnd | 'declined' | 'queued';

export interface InFlight {
  readonly number: number;
  readonly call: FastCall;
  readonly route: LaneRoute;
  readonly startedAt: number;
  isStored: boolean;
  readonly settle: (outcome: Outcome) => void;
}

export interface LinkListener {
  readonly onRoute: (route: LaneRoute) => void;
  readonly onFree: (route: LaneRoute) => void;
  readonly onLines: (inFlight: InFlight | undefined, lines: LaneLines) => void;
  readonly onMeasured: (link: LaneLink, measured: LaneMeasured) => void;
}

export const laneKey = (versionId: string, namespace: string): string => `${versionId}/${namespace}`;

/** One executor's lane: what it offers, and the calls that are with it. */
export class LaneLink {
  readonly routes = new Map<number, LaneRoute>();
  readonly inFlight = new Map<number, InFlight>();
  private calls = 0;
  isOpen = true;

  constructor(
    readonly socket: LaneSocket,
    private readonly listener: LinkListener,
  ) {}

  get executorId(): string {
    return this.socket.executorId;
  }

  push(route: LaneRoute, call: FastCall, settle: (inFlight: InFlight, outcome: Outcome) => void): void {
    this.calls = (this.calls + 1) >>> 0 || 1;
    const number = this.calls;
    const timeoutMs = call.version.config.timeoutSeconds * 1_000;
    const { id, clientContext } = call;
    const head: LaneCall = { ref: route.ref, id, timeoutMs, clientContext };
    const inFlight: InFlight = {
      number,
      call,
      route,
      startedAt: performance.now(),
      isStored: false,
      settle: (outcome) => settle(inFlight, outcome),
    };
    this.inFlight.set(number, inFlight);
    route.inFlight++;
    this.socket.send(LaneFrame.Call, number, JSON.stringify(head), call.event);
  }

  receive({ type, call, head, body }: Frame): void {
    if (type === LaneFrame.Ended) return this.ended(call, head, body);
    if (type === LaneFrame.Warm) return this.warm(JSON.parse(head) as LaneWarm);
    if (type === LaneFrame.Measured) return this.listener.onMeasured(this, JSON.parse(head) as LaneMeasured);
    const inFlight = this.inFlight.get(call);
    if (type === LaneFrame.Lines) return this.listener.onLines(inFlight, JSON.parse(head) as LaneLines);
    if (type === LaneFrame.Declined && inFlight) this.settle(inFlight, 'declined');
  }

  cancel({ number }: InFlight): void {
    this.socket.send(LaneFrame.Cancel, number, '');
  }

  /** It is a task now. */
  stored(inFlight: InFlight): void {
    inFlight.isStored = true;
    this.socket.send(LaneFrame.Stored, inFlight.number, '');
  }

  /** What it had not answered has an unknown end. */
  closed(): void {
    this.isOpen = false;
    for (const route of this.routes.values()) this.offer(route, 0);
    for (const inFlight of this.inFlight.values()) this.settle(inFlight, lostCall(inFlight.startedAt));
  }

  private warm({ ref, versionId, namespace, instances }: LaneWarm): void {
    let route = this.routes.get(ref);
    if (!route) {
      route = {
        link: this,
        ref,
        key: laneKey(versionId, namespace),
        instances: 0,
        inFlight: 0,
        closedUntil: 0,
        callMs: 0,
      };
      this.routes.set(ref, route);
    }
    this.offer(route, instances);
  }

  private offer(route: LaneRoute, instances: number): void {
    route.instances = instances;
    this.listener.onRoute(route);
    if (instances > 0) this.listener.onFree(route);
  }

  private ended(number: number, head: string, body: Buffer): void {
    const inFlight = this.inFlight.get(number);
    if (!inFlight) return;
    const end = JSON.parse(head) as LaneEnded;
    const { route } = inFlight;
    route.callMs += WEIGHT * (end.usage.wallMs - route.callMs);
    if (end.status === 'SUCCEEDED') return this.settle(inFlight, { ...end, output: Buffer.from(body) });
    this.settle(inFlight, laneEnded.parse(end));
  }

  private settle(inFlight: InFlight, outcome: Outcome): void {
    this.inFlight.delete(inFlight.number);
    inFlight.route.inFlight--;
    inFlight.settle(outcome);
    if (this.isOpen) this.listener.onFree(inFlight.route);
  }
}
