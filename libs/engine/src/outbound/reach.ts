import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `public`: what stands in the internet only; `any`: whatever this machine reaches. */
export const REACHES = ['any', 'public'] as const;
export type Reach = (typeof REACHES)[number];

export class AddressForbidden extends Error {
  constructor(host: string) {
    super(`${host} is at an address that must not be called from here`);
  }
}

/**
 * Whether an IP address may be called for somebody. A cloud's metadata service, which gives keys to whoever asks, is at
 * a link-local address: nobody has a reason to be told events there.
 */
export function mayReach(address: string, reach: Reach): boolean {
  const range = ipaddr.process(address).range();
  return reach === 'public' ? range === 'unicast' : range !== 'linkLocal';
}

/** Throws AddressForbidden for a host that is such an address itself: those are not looked up. */
export function checkHost({ hostname }: URL, reach: Reach): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !mayReach(host, reach)) throw new AddressForbidden(host);
}

/** Looks a name up and gives those of its addresses that may be reached: what is checked is what is called. */
export const lookupWithin =
  (reach: Reach): LookupFunction =>
  (host, options, found) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, '');
      const allowed = addresses.filter(({ address }) => mayReach(address, reach));
      const [first] = allowed;
      if (!first) return found(new AddressForbidden(host), '');
      return options.all ? found(null, allowed) : found(null, first.address, first.family);
    });
  };
