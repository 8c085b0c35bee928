export interface S3StoreOptions {
  /** Absent for AWS itself. */
  readonly endpoint?: string;
  /** Where holders of presigned URLs reach the store, if that isn't where we do. */
  readonly publicEndpoint?: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `endpoint/bucket/key` rather than `bucket.endpoint/key`; most stores other than AWS want it. */
  readonly forcePathStyle: boolean;
}
