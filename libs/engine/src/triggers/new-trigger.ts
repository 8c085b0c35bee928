export type TriggerKind = 'object' | 'topic' | 'schedule';
export type TriggerSource = object;
export type TriggerTarget = { workflow: string } | { function: string };
