import { AslFailure } from '../failure.js';

/** Of one row or line. It is far more than an execution takes, so that ItemSelector may choose from it. */
export const MAX_ITEM_CHARACTERS = 8 * 1024 * 1024;

export const readerFailure = (cause: string): AslFailure => new AslFailure('States.ItemReaderFailed', cause);
