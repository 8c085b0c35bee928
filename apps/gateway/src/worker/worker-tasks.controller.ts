import { CodeStore, ResultValues, TaskIntakeService, TaskUploadsService } from '@app/engine';
import {
  type LogLines,
  logLines,
  openedResult,
  openedUpload,
  type OpenResult,
  openResult,
  type OpenUpload,
  openUpload,
} from '@app/worker-api';
import { Body, Controller, Get, Param, Post, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { uuid } from '../shell/names.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');

/** What executors send and fetch for the tasks they hold. */
@Controller('worker/v1')
export class WorkerTasksController {
  constructor(
    private readonly intake: TaskIntakeService,
    private readonly uploads: TaskUploadsService,
    private readonly code: CodeStore,
    private readonly results: ResultValues,
  ) {}

  @Post('tasks/:id/logs')
  @Operation({ summary: 'Lines that a task wrote', status: 204 })
  async logs(@Param('id', { schema: uuid }) id: string, @Body({ schema: logLines }) lines: LogLines): Promise<void> {
    await this.intake.logs(id, lines);
  }

  @Post('tasks/:id/uploads')
  @Operation({ summary: 'Opens an upload for an output; its parts go to the addresses given', answer: openedUpload })
  upload(@Param('id', { schema: uuid }) id: string, @Body({ schema: openUpload }) wanted: OpenUpload) {
    return this.uploads.open(id, wanted);
  }

  @Post('tasks/:id/result')
  @Operation({ summary: 'Says where to put a result that is too large for the exchange', answer: openedResult })
  result(@Param('id', { schema: uuid }) id: string, @Body({ schema: openResult }) wanted: OpenResult) {
    return this.results.open(id, wanted);
  }

  @Get('code/:digest')
  @Operation({ summary: "A function's code, a zip", answer: z.string(), contentType: 'application/zip' })
  async archive(@Param('digest', { schema: digest }) codeDigest: string): Promise<StreamableFile> {
    return new StreamableFile(await this.code.get(codeDigest), { type: 'application/zip' });
  }
}
