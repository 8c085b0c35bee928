/** What the AWS SDK integration of S3 can be asked for here. */
export const OBJECT_ACTIONS = [
  'getObject',
  'putObject',
  'copyObject',
  'deleteObject',
  'headObject',
  'listObjectsV2',
] as const;
export type ObjectAction = (typeof OBJECT_ACTIONS)[number];

export const isObjectAction = (text: string): text is ObjectAction =>
  (OBJECT_ACTIONS as readonly string[]).includes(text);
