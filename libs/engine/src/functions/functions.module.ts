import { Module } from '@nestjs/common';
import { BuiltinRepository } from '../catalogue/builtin.repository.js';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { BuiltinFunctions } from './builtins.js';
import { CodeStore } from './code-store.js';
import { FunctionsService } from './functions.service.js';

/** Needs a Database and an ObjectStore from a global module. */
@Module({
  providers: [BuiltinRepository, CodeStore, FunctionsService, BuiltinFunctions, UsesRepository],
  exports: [BuiltinRepository, CodeStore, FunctionsService, BuiltinFunctions],
})
export class FunctionsModule {}
