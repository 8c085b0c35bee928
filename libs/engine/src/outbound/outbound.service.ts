import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Injectable } from '@nestjs/common';
import { OutboundOptions } from './outbound.options.js';
import { checkHost, lookupWithin } from './reach.js';

const TIMEOUT_MS = 10_000;

export interface OutboundPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls addresses that users name. */
@Injectable()
export class OutboundService {
  constructor(private readonly options: OutboundOptions) {}

  /**
   * The status that is answered within 10 seconds; a redirect is an answer, and not followed. Throws AddressForbidden, or what
   * went wrong on the way.
   */
  post(address: string, { headers, body }: OutboundPost): Promise<number> {
    return new Promise((resolve, reject) => {
      const url = new URL(address);
      checkHost(url, this.options.reach);
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: false, // A connection that is used again was not looked up for this call.
        lookup: lookupWithin(this.options.reach),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      request.once('error', reject).once('response', (response) => {
        response.on('error', () => {}).resume();
        resolve(response.statusCode ?? 0);
      });
      request.end(body);
    });
  }
}
