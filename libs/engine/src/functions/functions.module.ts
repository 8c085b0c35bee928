import { Module } from '@nestjs/common';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { BuiltinFunctions } from './builtins.js';
import { CodeStore } from './code-store.js';
import { FunctionsService } from './functions.service.js';

/** Needs a Database and an ObjectStore from a global module. */
@Module({
  providers: [CodeStore, FunctionsService, BuiltinFunctions, UsesRepository],
  exports: [CodeStore, FunctionsService, BuiltinFunctions],
})
export class FunctionsModule {}
