import type { CheckedTrigger } from './new-trigger.js';
import type { Trigger } from './trigger.js';
import type { TriggerEntity } from './trigger.entity.js';

/** What is shown in the place of a secret. Sent back in a change, it leaves the secret as it is. */
export const HIDDEN_SECRET = '********';

type Secretive = { readonly signature?: { readonly secret?: string } };

/** The trigger as people may see it. */
export function withoutSecret<Shown extends Pick<Trigger, 'kind' | 'source'>>(trigger: Shown): Shown {
  const { signature } = trigger.source as Secretive;
  if (!signature?.secret) return trigger;
  return { ...trigger, source: { ...trigger.source, signature: { ...signature, secret: HIDDEN_SECRET } } };
}

export function keepingSecret(wanted: CheckedTrigger, before: TriggerEntity): CheckedTrigger {
  const [{ signature }, old] = [wanted.source as Secretive, (before.source as Secretive).signature];
  if (signature?.secret !== HIDDEN_SECRET || !old?.secret) return wanted;
  return { ...wanted, source: { ...wanted.source, signature: { ...signature, secret: old.secret } } } as CheckedTrigger;
}
