import { describe, expect, it } from '@jest/globals';
import { subscriptionUrl } from './index.js';

const asked = (SubscribeURL: unknown, Type = 'SubscriptionConfirmation') => subscriptionUrl({ Type, SubscribeURL });
const ours = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=x';

describe('a subscription of SNS', () => {
  it('is confirmed at an address of AWS', () => {
    expect(asked(ours)).toBe(ours);
    expect(asked('https://sns.cn-north-1.amazonaws.com.cn/?x')).toBe('https://sns.cn-north-1.amazonaws.com.cn/?x');
  });

  it.each([
    'http://sns.eu-west-1.amazonaws.com/',
    'https://sns.eu-west-1.amazonaws.com.evil.org/',
    'https://evil.org/sns.eu-west-1.amazonaws.com',
    'https://sns.eu-west-1.amazonaws.com:8443/',
    'https://user@sns.eu-west-1.amazonaws.com/',
    'https://169.254.169.254/latest',
    'not an address',
    undefined,
  ])('is not confirmed at %s', (url) => {
    expect(asked(url)).toBeUndefined();
  });

  it('is nothing else that SNS sends', () => {
    expect(asked(ours, 'Notification')).toBeUndefined();
    expect(subscriptionUrl(null)).toBeUndefined();
  });
});
