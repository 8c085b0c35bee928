/** S3's codes that we answer with: HTTP status and what the code says when there is nothing more to say. */
const CODES = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  AuthorizationQueryParametersError: [400, 'The query parameters of the signature are malformed.'],
  BadDigest: [400, 'The Content-MD5 or checksum you specified did not match what we received.'],
  BucketAlreadyOwnedByYou: [409, 'You already own a bucket of this name.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty.'],
  EntityTooLarge: [400, 'Your upload exceeds the maximum allowed size.'],
  EntityTooSmall: [400, 'Your upload is smaller than the minimum allowed size.'],
  IncompleteBody: [400, 'The body ended before the number of bytes that its header or its framing promised.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key id you provided is not known.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidBucketName: [400, 'The specified bucket name is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  InvalidPart: [400, 'One or more of the specified parts could not be found, or has another ETag.'],
  InvalidPartOrder: [400, 'The parts are not listed in ascending order.'],
  InvalidPolicyDocument: [400, 'The policy document is not valid.'],
  InvalidRange: [416, 'The requested range cannot be satisfied.'],
  InvalidRequest: [400, 'Invalid request.'],
  InvalidTag: [400, 'The tags are not valid.'],
  InvalidURI: [400, 'The path could not be decoded.'],
  KeyTooLongError: [400, 'Your key is longer than 1024 bytes.'],
  MalformedPOSTRequest: [400, 'The body of your POST is not well-formed multipart/form-data.'],
  MalformedXML: [400, 'The XML you provided is not well-formed, or is not what this operation takes.'],
  MaxMessageLengthExceeded: [400, 'Your request was too big.'],
  MetadataTooLarge: [400, 'Your metadata headers are longer than 2048 bytes.'],
  MethodNotAllowed: [405, 'The method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  MissingSecurityHeader: [400, 'Your request lacks the header x-amz-content-sha256.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [404, 'The specified upload does not exist. It may have been completed or aborted.'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'This is not implemented.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  RequestTimeTooSkewed: [403, "The difference between the request's time and ours is too large."],
  SignatureDoesNotMatch: [403, 'The signature we calculated does not match the one you provided. Check your key.'],
  XAmzContentSHA256Mismatch: [400, 'The x-amz-content-sha256 you specified did not match what we received.'],
} as const satisfies Record<string, readonly [number, string]>;

export type S3ErrorCode = keyof typeof CODES;

/** What a client of the embedded server is told. It never leaves the server as an exception. */
export class S3Error extends Error {
  readonly status: number;

  constructor(
    readonly code: S3ErrorCode,
    message: string = CODES[code][1],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = code;
    this.status = CODES[code][0];
  }
}
