import { Module } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { ResultCacheModule } from '../result-cache/result-cache.module.js';
import { EndedWorkRepository } from './ended-work.repository.js';
import { NamespaceRetentionService } from './namespace-retention.service.js';
import { OldVersionsRepository } from './old-versions.repository.js';
import { OldVersionsService } from './old-versions.service.js';
import { RetentionPoliciesService } from './retention-policies.service.js';
import { RetentionPolicyRepository } from './retention-policy.repository.js';
import { RetentionRepository } from './retention.repository.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [LogsModule, ResultCacheModule],
  providers: [
    EndedWorkRepository,
    NamespaceRetentionService,
    OldVersionsRepository,
    OldVersionsService,
    RetentionPoliciesService,
    RetentionPolicyRepository,
    RetentionRepository,
    RetentionService,
  ],
  exports: [RetentionPoliciesService, RetentionService],
})
export class RetentionModule {}
