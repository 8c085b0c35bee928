import { Injectable } from '@nestjs/common';
import type { RetentionPolicy } from './retention-policy.js';
import { RetentionPolicyRepository } from './retention-policy.repository.js';

@Injectable()
export class RetentionPoliciesService {
  constructor(private readonly policies: RetentionPolicyRepository) {}

  async get(namespace: string): Promise<RetentionPolicy> {
    return this.policies.find(namespace);
  }

  /** Replaces it. What is too old by it is removed within minutes. */
  async replace(namespace: string, policy: RetentionPolicy): Promise<RetentionPolicy> {
    await this.policies.save(namespace, policy);
    return policy;
  }
}
