import { InvalidRequest } from '@app/common';
import { DEFAULT_NAMESPACE } from '../namespaces/namespaces.js';

const PREFIX = 'spool-namespace.';

/** A topic's name on the bus. The default namespace uses the bus's own names; those of the others cannot meet them. */
export function busTopic(namespace: string, topic: string): string {
  if (namespace !== DEFAULT_NAMESPACE) return `${PREFIX}${placeOf(namespace)}.${topic}`;
  if (!topic.startsWith(PREFIX)) return topic;
  throw new InvalidRequest([{ pointer: '/topic', message: `must not begin with ${PREFIX}` }]);
}

/** The topic b.c of the namespace a must not be the topic c of a.b: a name with dots says how long it is. */
const placeOf = (namespace: string): string =>
  namespace.includes('.') ? `.${namespace.length}.${namespace}` : namespace;
