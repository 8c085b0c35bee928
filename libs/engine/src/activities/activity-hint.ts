/** Who waits for the tasks of an activity is woken by this. */
export const hintFor = (namespace: string, activity: string): string => `activity:${namespace}:${activity}`;
