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

export class WorkflowQualifierNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'workflow_qualifier_not_found';

  constructor(workflow: string, qualifier: string) {
    super(`The workflow ${workflow} has no version or alias ${qualifier}`, { workflow, qualifier });
  }
}

export class AliasNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'alias_not_found';

  constructor(workflow: string, name: string) {
    super(`The workflow ${workflow} has no alias ${name}`, { workflow, name });
  }
}

export class AliasInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'alias_in_use';

  constructor(workflow: string, name: string, triggers: readonly string[]) {
    super(`The alias ${name} of ${workflow} is needed by the triggers ${triggers.join(', ')}`, { triggers });
  }
}

export class WorkflowInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'workflow_in_use';

  constructor(name: string, users: readonly string[]) {
    super(`Workflow ${name} is needed by ${users.join(', ')}`, { users });
  }
}
