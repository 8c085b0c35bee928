import { AppError } from '@app/common';

export class WorkflowNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'workflow_not_found';

  constructor(name: string) {
    super(`There is no workflow ${name}`, { name });
  }
}

export class WorkflowVersionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'workflow_version_not_found';

  constructor(id: string) {
    super(`There is no workflow version ${id}`, { id });
  }
}

export class WorkflowInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'workflow_in_use';

  constructor(name: string, users: readonly string[]) {
    super(`Workflow ${name} is needed by ${users.join(', ')}`, { users });
  }
}
