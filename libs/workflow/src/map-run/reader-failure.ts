import { AslFailure } from '../failure.js';

export const readerFailure = (cause: string): AslFailure => new AslFailure('States.ItemReaderFailed', cause);
