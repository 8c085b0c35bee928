import { InvalidRequest } from '@app/common';
import { DEFAULT_NAMESPACE } from '../namespaces/namespaces.js';

const PREFIX = 'spool-namespace.';

/** A topic's name on the bus. The default namespace uses the bus's own names; those of the others cannot meet them. */
export function busTopic(namespace: string, topic: string): string {
  if (namespace !== DEFAULT_NAMESPACE) return `${PREFIX}${namespace}.${topic}`;
  if (!topic.startsWith(PREFIX)) return topic;
  throw new InvalidRequest([{ pointer: '/topic', message: `must not begin with ${PREFIX}` }]);
}
