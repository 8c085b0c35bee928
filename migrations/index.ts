import { Catalogue1763700000001 } from './0001-catalogue.js';
import { HotPath1763700000002 } from './0002-hot-path.js';

/** In order. Never edit one that was merged: add another. */
export const migrations = [Catalogue1763700000001, HotPath1763700000002] as const;
