import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import {
  type Check,
  checkAlternatives,
  checkFields,
  definitePath,
  type Fields,
  inJsonata,
  inJsonPath,
  integer,
  oneOf,
  orExpression,
  required,
  text,
} from './checks.js';
import type { Place } from './findings.js';
import { objectTemplate, template } from './template.js';

const MAX_ITEMS = 100_000_000;
const MAX_BATCH_BYTES = 256 * 1024;

const objectOf =
  (fields: Fields, together: (value: JsonObject, at: Place) => void): Check =>
  (value, at) => {
    if (!isObject(value)) at.problem('wrong_type', `It must be an object, not ${typeName(value)}.`);
    else {
      checkFields(value, fields, at);
      together(value, at);
    }
  };
const orPath = (name: string, check: Check): Fields => ({
  [name]: orExpression(check),
  [`${name}Path`]: inJsonPath(definitePath, `an expression in ${name}`),
});
const WHERE: Fields = {
  Parameters: inJsonPath(objectTemplate, 'Arguments'),
  Arguments: inJsonata(objectTemplate, 'Parameters'),
};
const s3 =
  (...actions: readonly string[]): Check =>
  (value, at) => {
    const isKnown = typeof value === 'string' && actions.some((action) => resourceOf(action).test(value));
    const known = actions.map((action) => `arn:aws:states:::s3:${action}`).join(' or ');
    if (!isKnown) at.problem('unknown_resource', `It must be ${known}.`);
  };
const resourceOf = (action: string): RegExp => new RegExp(`^arn:aws[a-z-]*:states:::(aws-sdk:)?s3:${action}$`);

const headers: Check = (value, at) => {
  const isRight = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
  if (!isRight) at.problem('wrong_type', 'It must be an array of the names of the columns.');
};
const pointer: Check = (value, at) => {
  if (typeof value === 'string' && /^(\/([^~]|~[01])*)?$/.test(value)) return;
  at.problem('invalid_pointer', "It must be a JSON Pointer (RFC 6901), such as '/data/items'.");
};

const READER_CONFIG: Fields = {
  InputType: oneOf('JSON', 'JSONL', 'CSV', 'MANIFEST'),
  CSVHeaderLocation: oneOf('FIRST_ROW', 'GIVEN'),
  CSVHeaders: headers,
  CSVDelimiter: oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'),
  ...orPath('MaxItems', integer(0, MAX_ITEMS)),
  ItemsPointer: pointer,
  ManifestType: oneOf('S3_INVENTORY'),
  Transformation: oneOf('NONE', 'LOAD_AND_FLATTEN'),
};
const readerConfig = objectOf(READER_CONFIG, (config, at) => {
  checkAlternatives(config, ['MaxItems', 'MaxItemsPath'], at);
  const { InputType: type, CSVHeaderLocation: location } = config;
  if (type === 'CSV' && location === undefined) at.problem('missing_field', "CSV needs a 'CSVHeaderLocation'.");
  if (location === 'GIVEN' && !Object.hasOwn(config, 'CSVHeaders')) {
    at.problem('missing_field', "Headers that are given need 'CSVHeaders'.");
  }
  if (location === 'FIRST_ROW' && Object.hasOwn(config, 'CSVHeaders')) {
    at.problem('conflicting_fields', "'CSVHeaders' are given, and the first row is said to have them.");
  }
  for (const name of ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter']) {
    if (type !== 'CSV' && Object.hasOwn(config, name)) at.in(name).warn('ignored_field', 'Only CSV has it.');
  }
});

export const itemReader = objectOf(
  { Resource: required(s3('getObject', 'listObjectsV2')), ReaderConfig: readerConfig, ...WHERE },
  (reader, at) => {
    const isListing = typeof reader['Resource'] === 'string' && reader['Resource'].endsWith('listObjectsV2');
    checkPlace(reader, isListing ? ['Bucket'] : ['Bucket', 'Key'], at);
    const config = reader['ReaderConfig'];
    const hasType = isObject(config) && Object.hasOwn(config, 'InputType');
    if (!isListing && !hasType)
      at.problem('missing_field', "Reading an object needs a ReaderConfig with an 'InputType'.");
  },
);

export const itemBatcher = objectOf(
  {
    BatchInput: template,
    ...orPath('MaxItemsPerBatch', integer(1, MAX_ITEMS)),
    ...orPath('MaxInputBytesPerBatch', integer(1, MAX_BATCH_BYTES)),
  },
  (batcher, at) => {
    checkAlternatives(batcher, ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'], at);
    checkAlternatives(batcher, ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'], at);
    if (!Object.keys(batcher).some((key) => key.startsWith('Max'))) {
      at.problem('missing_field', "One of 'MaxItemsPerBatch' and 'MaxInputBytesPerBatch' is missing.");
    }
  },
);

const writerConfig = objectOf(
  { OutputType: oneOf('JSON', 'JSONL'), Transformation: oneOf('NONE', 'COMPACT', 'FLATTEN') },
  () => {},
);

export const resultWriter = objectOf(
  { Resource: s3('putObject'), WriterConfig: writerConfig, ...WHERE },
  (writer, at) => {
    if (Object.hasOwn(writer, 'Resource')) checkPlace(writer, ['Bucket'], at);
    else if (!Object.hasOwn(writer, 'WriterConfig')) {
      at.problem('missing_field', "A ResultWriter needs a 'Resource' to write with, or a 'WriterConfig', or both.");
    }
  },
);

function checkPlace(value: JsonObject, names: readonly string[], at: Place): void {
  const field = at.setting.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const given = value[field];
  if (typeof given === 'string') return;
  for (const name of names) {
    const isThere = isObject(given) && [name, `${name}.$`].some((key) => Object.hasOwn(given, key));
    if (!isThere) at.problem('missing_field', `It needs ${field} with a '${name}'.`);
  }
}

/** An array, an object, or an expression that gives one. */
export const items: Check = (value, at) => {
  if (typeof value === 'object' && value !== null) template(value, at);
  else
    orExpression((_, place) => place.problem('wrong_type', 'It must be an array, an object or an expression.'))(
      value,
      at,
    );
};

export const label: Check = (value, at) => {
  text(value, at);
  if (typeof value === 'string' && !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]{1,40}$/u.test(value)) {
    at.problem(
      'invalid_label',
      'A label has 1 to 40 characters, without blanks, wildcards, brackets and special ones.',
    );
  }
};

const DISTRIBUTED_ONLY = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
  'Label',
];

export function checkMap(state: JsonObject, at: Place): void {
  checkAlternatives(state, ['ItemSelector', 'Parameters'], at);
  for (const name of ['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage']) {
    checkAlternatives(state, [name, `${name}Path`], at);
  }
  checkAlternatives(state, ['ItemProcessor', 'Iterator'], at, 'needed');
  if (!isDistributedMap(state)) {
    for (const name of DISTRIBUTED_ONLY.filter((field) => Object.hasOwn(state, field))) {
      at.in(name).problem(
        'distributed_only',
        `Only a distributed Map has '${name}': its ProcessorConfig says "Mode": "DISTRIBUTED".`,
      );
    }
  }
  for (const name of ['ItemsPath', 'Items'].filter((field) => Object.hasOwn(state, field))) {
    if (Object.hasOwn(state, 'ItemReader')) at.in(name).warn('ignored_field', 'The items come from the ItemReader.');
  }
}

export function isDistributedMap(state: JsonObject): boolean {
  const processor = state['ItemProcessor'] ?? state['Iterator'];
  const config: Json | undefined = isObject(processor) ? processor['ProcessorConfig'] : undefined;
  return isObject(config) && config['Mode'] === 'DISTRIBUTED';
}

export const processorConfig = objectOf(
  { Mode: oneOf('INLINE', 'DISTRIBUTED'), ExecutionType: oneOf('STANDARD', 'EXPRESS') },
  (config, at) => {
    const [isDistributed, hasType] = [config['Mode'] === 'DISTRIBUTED', Object.hasOwn(config, 'ExecutionType')];
    if (isDistributed && !hasType) at.problem('missing_field', "A distributed Map needs an 'ExecutionType'.");
    if (!isDistributed && hasType) {
      at.in('ExecutionType').problem(
        'distributed_only',
        'Only the items of a distributed Map are executions with a type.',
      );
    }
  },
);
