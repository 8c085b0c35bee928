import type { FunctionConfig } from './function-config.js';
import type { FunctionVersionEntity } from './function-version.entity.js';

/** One immutable version of a function, as the rest of the engine sees it. */
export interface FunctionVersion {
  readonly id: string;
  readonly namespace: string;
  readonly functionName: string;
  readonly version: number;
  /** SHA-256 of the zip in hex; absent for a command without files. */
  readonly codeDigest?: string;
  readonly config: FunctionConfig;
  readonly createdAt: Date;
}

export interface DeployedFunction extends FunctionVersion {
  /** False if exactly this was deployed before: then it is the version of that time. */
  readonly isNew: boolean;
}

export function toFunctionVersion(row: FunctionVersionEntity): FunctionVersion {
  const { id, version, codeDigest, config, createdAt } = row;
  const { namespace, name: functionName } = row.function;
  return { id, namespace, functionName, version, ...(codeDigest && { codeDigest }), config, createdAt };
}
