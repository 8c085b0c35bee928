import { useQuery } from '@tanstack/react-query';
import { isOver } from '../execution/load-history.js';
import { address, read, segment } from './http.js';
import type {
  Alias,
  BucketLedger,
  DeployedFunction,
  EventInvokeConfig,
  Execution,
  Executor,
  ExecutorDetails,
  FunctionInstance,
  Invocation,
  MapRun,
  ObjectUrl,
  Page,
  Quota,
  StoredEvent,
  Trigger,
  TriggerPlace,
  Usage,
  Workflow,
} from './types.js';

interface Listed {
  workflows: Workflow;
  functions: DeployedFunction;
  triggers: Trigger;
  executors: Executor;
  instances: FunctionInstance;
  ledger: BucketLedger;
}

/** A whole catalogue list, refreshed by itself. */
export function useList<K extends keyof Listed>(kind: K, everyMs = 10_000) {
  return useQuery({
    queryKey: [kind],
    queryFn: async ({ signal }) => (await read<Page<Listed[K]>>(address(kind), signal)).items,
    refetchInterval: everyMs,
  });
}

/** Where a topic trigger is in its topic. */
export function usePlace(trigger: string) {
  return useQuery({
    queryKey: ['place', trigger],
    queryFn: ({ signal }) => read<TriggerPlace>(address(`triggers/${segment(trigger)}/place`), signal),
    refetchInterval: 5_000,
  });
}

export function useExecutor(id: string) {
  return useQuery({
    queryKey: ['executor', id],
    queryFn: ({ signal }) => read<ExecutorDetails>(address(`executors/${segment(id)}`), signal),
    refetchInterval: 2_000,
  });
}

export function useQuota() {
  return useQuery({
    queryKey: ['quota'],
    queryFn: ({ signal }) => read<Quota>(address('quotas'), signal),
    refetchInterval: 3_000,
  });
}

/** Of the last thirty days. */
export function useUsage() {
  return useQuery({
    queryKey: ['usage'],
    queryFn: ({ signal }) => read<Usage>(address('usage'), signal),
    refetchInterval: 30_000,
  });
}

export interface ExecutionFilter {
  readonly workflow: string;
  readonly status: string;
  readonly cursor: string;
  readonly mapRun: string;
  readonly trigger?: string;
}

export function useExecutions(filter: ExecutionFilter) {
  return useQuery({
    queryKey: ['executions', filter],
    queryFn: ({ signal }) => read<Page<Execution>>(address('executions', { ...filter, limit: 25 }), signal),
    refetchInterval: filter.cursor ? 15_000 : 3_000,
    placeholderData: (previous) => previous,
  });
}

/** What came in, the newest first. */
export function useEvents(filter: { readonly type: string; readonly source: string; readonly cursor: string }) {
  return useQuery({
    queryKey: ['events', filter],
    queryFn: ({ signal }) => read<Page<StoredEvent>>(address('events', { ...filter, limit: 50 }), signal),
    refetchInterval: filter.cursor ? false : 5_000,
    placeholderData: (previous) => previous,
  });
}

export function useTrigger(name: string) {
  return useQuery({
    queryKey: ['triggers', name],
    queryFn: ({ signal }) => read<Trigger>(address(`triggers/${segment(name)}`), signal),
  });
}

/** The next times of a schedule. */
export function useTicks({ name, kind }: Trigger) {
  return useQuery({
    queryKey: ['ticks', name],
    enabled: kind === 'schedule',
    queryFn: async ({ signal }) =>
      (await read<Page<string>>(address(`triggers/${segment(name)}/ticks`, { count: 5 }), signal)).items,
    refetchInterval: 60_000,
  });
}

/** The definition an execution runs: that of its own version, whatever was deployed since. */
export function useDefinition(workflow: string | undefined, version: number | undefined) {
  return useQuery({
    queryKey: ['definition', workflow, version],
    enabled: workflow !== undefined,
    staleTime: version === undefined ? 0 : Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const path = `workflows/${segment(workflow ?? '')}`;
      const latest = await read<Workflow>(address(path), signal);
      if (version === undefined || latest.version === version) return latest.definition;
      const versions = await read<Page<Workflow>>(address(`${path}/versions`), signal);
      return versions.items.find((one) => one.version === version)?.definition ?? null;
    },
  });
}

export function useVersions(workflow: string) {
  return useQuery({
    queryKey: ['versions', workflow],
    queryFn: async ({ signal }) => {
      const path = `workflows/${segment(workflow)}`;
      const versions = await read<Page<Workflow>>(address(`${path}/versions`), signal);
      const aliases = await read<Page<Alias>>(address(`${path}/aliases`), signal);
      return { versions: versions.items, aliases: aliases.items };
    },
  });
}

/** Of an execution; the counts move while it runs. */
export function useMapRuns(execution: Execution) {
  return useQuery({
    queryKey: ['map-runs', execution.id, execution.status],
    queryFn: async ({ signal }) =>
      (await read<Page<MapRun>>(address(`executions/${segment(execution.id)}/map-runs`), signal)).items,
    refetchInterval: execution.status === 'RUNNING' ? 2_000 : false,
  });
}

/** Kept while it is on the page, since a new address would restart a player; one that ran out is refetched by hand. */
export function useObjectUrl(bucket: string, key: string) {
  return useQuery({
    queryKey: ['object', bucket, key],
    queryFn: ({ signal }) => objectUrl({ bucket, key }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}

export function objectUrl(object: { readonly bucket: string; readonly key: string }, signal: AbortSignal) {
  return read<ObjectUrl>(address('objects/url', { bucket: object.bucket, key: object.key }), signal);
}

export function useDeployedFunction(name: string) {
  return useQuery({
    queryKey: ['function', name],
    queryFn: ({ signal }) => read<DeployedFunction>(address(`functions/${segment(name)}`), signal),
  });
}

/** How asynchronous invocations of a function are retried, and who is told how they end. */
export function useEventConfig(name: string) {
  return useQuery({
    queryKey: ['event-config', name],
    queryFn: ({ signal }) => read<EventInvokeConfig>(address(`functions/${segment(name)}/event-invoke-config`), signal),
  });
}

/** A run of a function, followed until it has ended. */
export function useInvocation(id: string) {
  return useQuery({
    queryKey: ['invocation', id],
    queryFn: ({ signal }) => read<Invocation>(address(`invocations/${segment(id)}`), signal),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 1_000),
  });
}

/** The last runs of a function. */
export function useCallsOf(name: string) {
  return useQuery({
    queryKey: ['calls', name],
    queryFn: async ({ signal }) =>
      (await read<Page<Invocation>>(address('invocations', { function: name, limit: 25 }), signal)).items,
    refetchInterval: 3_000,
  });
}
