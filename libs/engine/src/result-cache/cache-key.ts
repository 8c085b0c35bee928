import type { Json } from '@app/workflow';
import { canonicalJson, sha256 } from '../catalogue/digest.js';
import { isFolder, type ObjectReference, type ObjectReferences } from '../functions/object-references.js';
import type { FunctionVersion } from '../functions/function-version.js';
import { withPlaceholders } from './placeholders.js';

/** An input as the store showed it. All of it must be the same when the result is kept; the key has the content only. */
export interface SeenInput {
  readonly name: string;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
  readonly versionId?: string | undefined;
}

/** Raised when what is kept, or how, changes its meaning. */
const FORMAT = 1;
const ENDING = /\.[A-Za-z0-9]{1,8}$/;

export interface Work {
  readonly version: Pick<FunctionVersion, 'config' | 'codeDigest'>;
  readonly payload: Json;
  readonly references: ObjectReferences;
  readonly inputs: readonly SeenInput[];
  /** Of the executor that does it. */
  readonly tools: Readonly<Record<string, string>>;
}

/**
 * A digest of all that a deterministic function's result depends on: its code and configuration, what it reads, how it
 * is asked for, and the programs that it declares. Where it reads from and writes to is not part of it, but the ends
 * of those names are: formats are chosen by them.
 */
export function cacheKey({ version: { config, codeDigest }, payload, references, inputs, tools }: Work): string {
  const named = namedReferences(references);
  return sha256(
    canonicalJson({
      format: FORMAT,
      code: codeDigest,
      config,
      parameters: withPlaceholders(payload, named),
      inputs: references.inputs.map(({ name, key }) => {
        const { etag, size } = inputs.find((seen) => seen.name === name) ?? {};
        return { name, etag, size, ending: endingOf(key) };
      }),
      outputs: references.outputs.map((output) => ({ name: output.name, ending: endingOf(output.key) })),
      tools: Object.fromEntries((config.cache?.tools ?? []).map((tool) => [tool, tools[tool] ?? null])),
    }),
  );
}

/** All of an invocation's objects, so named that no input is taken for an output. */
export const namedReferences = ({ inputs, outputs }: ObjectReferences): ObjectReference[] => [
  ...outputs.map((output) => ({ ...output, name: `output/${output.name}` })),
  ...inputs.map((input) => ({ ...input, name: `input/${input.name}` })),
];

const endingOf = (key: string): string => (isFolder({ key }) ? '/' : (ENDING.exec(key)?.[0].toLowerCase() ?? ''));
