/** AWS's own: any other address could be one of our network that a stranger wants to have called. */
const HOST = /^sns\.[a-z0-9-]{1,32}\.amazonaws\.com(\.cn)?$/;

/** Where to confirm a subscription of SNS, if the body asks for that and names an address of AWS. */
export function subscriptionUrl(body: unknown): string | undefined {
  const { Type, SubscribeURL } = (body ?? {}) as { Type?: unknown; SubscribeURL?: unknown };
  if (Type !== 'SubscriptionConfirmation' || typeof SubscribeURL !== 'string' || !URL.canParse(SubscribeURL)) {
    return undefined;
  }
  const { protocol, hostname, port, username } = new URL(SubscribeURL);
  return protocol === 'https:' && port === '' && username === '' && HOST.test(hostname) ? SubscribeURL : undefined;
}
