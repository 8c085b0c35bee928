import { describe, expect, it } from '@jest/globals';
import type { NewTask } from '@app/queue';
import type { Starving } from '../placement/reservations.js';
import { type AtHand, Offer, Offers } from './offers.js';

const free = { slots: 2, memoryMb: 1_000, vcpu: 2 };
const task = (more: Partial<NewTask> = {}): NewTask => ({
  id: 'task',
  namespace: 'default',
  kind: 'function',
  resource: 'work',
  payload: {},
  labels: ['cpu'],
  memoryMb: 100,
  vcpu: 1,
  timeoutSeconds: 1,
  ...more,
});

function offered(labels = ['cpu', 'gpu']) {
  const offers = new Offers();
  const offer = new Offer('executor', labels, free, 30);
  offers.add(offer);
  offer.open();
  return { offers, offer };
}

describe('an executor that waits', () => {
  it('gets what fits into what it has free, and no more', () => {
    const { offers } = offered();
    const leases = [task(), task(), task()].map((one) => offers.reserve(one)?.task.lease);
    expect(leases).toEqual([
      { executorId: 'executor', seconds: 30 },
      { executorId: 'executor', seconds: 30 },
      undefined,
    ]);
  });

  it('gets nothing that it has no label, no memory or no processor for, and nothing that is not for executors', () => {
    const { offers } = offered(['cpu']);
    const others = [{ labels: ['gpu'] }, { memoryMb: 2_000 }, { vcpu: 3 }, { kind: 'publish' as const }];
    expect(others.map((more) => offers.reserve(task(more)))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('gets nothing once it has closed', async () => {
    const { offers, offer } = offered();
    await offer.close();
    expect(offers.reserve(task())).toBeUndefined();
  });

  it('waits with its answer until it is known whether what it was promised is stored', async () => {
    const { offers, offer } = offered();
    const first = offers.reserve(task({ id: 'first' }));
    const second = offers.reserve(task({ id: 'second' }));
    const closed = offer.close();
    offer.give(first!.task);
    offer.giveUp(second!.task);
    expect(await closed).toMatchObject({
      tasks: [{ id: 'first' }],
      free: { slots: 1, memoryMb: 900, vcpu: 1 },
    });
  });
});

const at = (executorId: string, has: Partial<AtHand>, reserved: Starving | null = null) => {
  const nothing = new Set<string>();
  const offer = new Offer(executorId, ['cpu'], free, 30, {
    has: { warm: nothing, cached: nothing, inputs: nothing, ...has },
    reserved,
  });
  offer.refill(free);
  offer.open();
  return offer;
};
const chosen = (one: Partial<NewTask>, ...all: Offer[]) => {
  const offers = new Offers();
  for (const offer of all) offers.add(offer);
  return offers.reserve(task(one))?.offer.executorId;
};

describe('of several executors that wait', () => {
  const [version, inputKey] = ['version', '42'];
  const [none, code] = [() => at('none', {}), () => at('code', { cached: new Set([version]) })];
  const [warm, input] = [
    () => at('warm', { warm: new Set([version]) }),
    () => at('input', { inputs: new Set([inputKey]) }),
  ];

  it('a task goes to who has its input, or else a process, or else the code', () => {
    const one = { functionVersionId: version, inputKey };
    expect(chosen(one, none(), code(), warm(), input())).toBe('input');
    expect(chosen(one, none(), code(), warm())).toBe('warm');
    expect(chosen(one, none(), code())).toBe('code');
    expect(chosen(one, none())).toBe('none');
  });

  it('one that is being kept free gets only what leaves the room that it is kept free for', () => {
    const large = { id: 'large', labels: [], memoryMb: 950, vcpu: 1 };
    expect(chosen({}, at('kept', {}, large))).toBeUndefined();
    expect(chosen({ memoryMb: 50 }, at('kept', {}, large))).toBe('kept');
  });
});

const shared = (id: string, more: Partial<NewTask> = {}): NewTask =>
  task({ id, functionVersionId: 'shared', memoryMb: 900, ...more });

describe('a free place in an instance that serves several tasks', () => {
  const place = { versionId: 'shared', namespace: 'default', free: 2 };
  const full = (): { offers: Offers; offer: Offer } => {
    const offers = new Offers();
    const offer = new Offer('full', ['cpu'], { slots: 0, memoryMb: 0, vcpu: 0 }, 30);
    offers.add(offer);
    offer.openPlaces(place);
    return { offers, offer };
  };

  it('is given to tasks of its version and namespace though its executor has room for nothing, as often as it is there', () => {
    const { offers } = full();
    expect(offers.reserve(shared('other', { namespace: 'other' }))).toBeUndefined();
    expect(offers.reserve(shared('version', { functionVersionId: 'another' }))).toBeUndefined();
    const given = ['a', 'b', 'c'].map((id) => offers.reserve(shared(id))?.offer.executorId);
    expect(given).toEqual(['full', 'full', undefined]);
  });

  it('comes before room elsewhere, and takes none of it', async () => {
    const { offers, offer } = full();
    offers.add(at('room', { warm: new Set(['shared']), inputs: new Set(['42']) }));
    const first = offers.reserve(shared('a', { inputKey: '42' }));
    const second = offers.reserve(shared('b'));
    expect([first?.offer, second?.offer]).toEqual([offer, offer]);
    expect(offers.reserve(shared('c'))?.offer.executorId).toBe('room');
    offer.give(first!.task);
    offer.giveUp(second!.task);
    expect(await offer.close()).toMatchObject({ tasks: [{ id: 'a' }], free: { slots: 0, memoryMb: 0 } });
  });
});
