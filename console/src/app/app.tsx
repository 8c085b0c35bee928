import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router';
import { Problem } from '../api/problem.js';
import { onKeyChange, sessionKey } from '../api/session-key.js';
import { BucketsPage } from '../catalogue/buckets-page.js';
import { ExecutorPage } from '../catalogue/executor-page.js';
import { ExecutorsPage } from '../catalogue/executors-page.js';
import { InstancesPage } from '../catalogue/instances-page.js';
import { QuotasPage } from '../catalogue/quotas-page.js';
import { UsagePage } from '../catalogue/usage-page.js';
import { FunctionPage } from '../catalogue/function-page.js';
import { FunctionsPage } from '../catalogue/functions-page.js';
import { TriggerPage } from '../catalogue/trigger-page.js';
import { TriggersPage } from '../catalogue/triggers-page.js';
import { WorkflowsPage } from '../catalogue/workflows-page.js';
import { EventsPage } from '../events/events-page.js';
import { DeadLetterPage } from '../dead-letters/dead-letter-page.js';
import { DeadLettersPage } from '../dead-letters/dead-letters-page.js';
import { ExecutionsPage } from '../executions/executions-page.js';
import { InvocationPage } from '../invocations/invocation-page.js';
import { Loading } from '../ui/loading.js';
import { BrokenPage } from './broken-page.js';
import { KeyPage } from './key-page.js';
import { Layout } from './layout.js';
import { NotFoundPage } from './not-found-page.js';

/** What the gateway refused once it refuses again; only what it could not do for now is worth another try. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});

// The pages that draw a workflow bring half of the code: only who opens one loads it.
const executionPage = async () => ({ Component: (await import('../execution/execution-page.js')).ExecutionPage });
const tryStatePage = async () => ({ Component: (await import('../catalogue/try-state-page.js')).TryStatePage });
const workflowPage = async () => ({ Component: (await import('../catalogue/workflow-page.js')).WorkflowPage });

const router = createBrowserRouter(
  [
    {
      element: <Layout />,
      errorElement: <BrokenPage />,
      hydrateFallbackElement: <Loading what="the console" />,
      children: [
        { index: true, element: <Navigate to="/executions" replace /> },
        { path: 'executions', element: <ExecutionsPage /> },
        { path: 'executions/:id', lazy: executionPage },
        { path: 'workflows', element: <WorkflowsPage /> },
        { path: 'workflows/:name', lazy: workflowPage },
        { path: 'workflows/:name/try', lazy: tryStatePage },
        { path: 'functions', element: <FunctionsPage /> },
        { path: 'functions/:name', element: <FunctionPage /> },
        { path: 'invocations/:id', element: <InvocationPage /> },
        { path: 'triggers', element: <TriggersPage /> },
        { path: 'triggers/:name', element: <TriggerPage /> },
        { path: 'events', element: <EventsPage /> },
        { path: 'dead-letters', element: <DeadLettersPage /> },
        { path: 'dead-letters/:id', element: <DeadLetterPage /> },
        { path: 'buckets', element: <BucketsPage /> },
        { path: 'executors', element: <ExecutorsPage /> },
        { path: 'executors/:id', element: <ExecutorPage /> },
        { path: 'instances', element: <InstancesPage /> },
        { path: 'quotas', element: <QuotasPage /> },
        { path: 'usage', element: <UsagePage /> },
        { path: '*', element: <NotFoundPage /> },
      ],
    },
  ],
  { basename: '/console' },
);

export function App() {
  const key = useSyncExternalStore(onKeyChange, sessionKey);
  // What one key may see is not left lying about for the next.
  useEffect(() => () => queries.clear(), [key]);
  if (!key) return <KeyPage />;
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
