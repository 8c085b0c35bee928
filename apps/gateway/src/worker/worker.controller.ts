import { CodeStore, TaskIntakeService, WorkersService } from '@app/engine';
import {
  type LogLines,
  logLines,
  type OpenUpload,
  openedUpload,
  openUpload,
  poll,
  type Poll,
  pollAnswer,
  registered,
  type RegisterExecutor,
  registerExecutor,
} from '@app/worker-api';
import { Body, Controller, Get, Header, Param, Post, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');

/** The executors' door. `libs/worker-api` is its contract. */
@Controller('worker/v1')
export class WorkerController {
  constructor(
    private readonly workers: WorkersService,
    private readonly intake: TaskIntakeService,
    private readonly code: CodeStore,
  ) {}

  @Post('executors')
  @Operation({ summary: 'An executor says who it is and what it has', status: 201, answer: registered })
  register(@Body({ schema: registerExecutor }) executor: RegisterExecutor) {
    return this.workers.register(executor);
  }

  @Post('executors/:id/poll')
  @Operation({ summary: 'Results and free resources up; tasks to run and to kill down', answer: pollAnswer })
  poll(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: poll }) exchange: Poll,
    @Held() { signal }: HeldCall,
  ) {
    return this.workers.poll(id, exchange, signal);
  }

  @Post('tasks/:id/logs')
  @Operation({ summary: 'Lines that a task wrote', status: 204 })
  async logs(@Param('id', { schema: uuid }) id: string, @Body({ schema: logLines }) lines: LogLines): Promise<void> {
    await this.intake.logs(id, lines);
  }

  @Post('tasks/:id/uploads')
  @Operation({
    summary: 'Opens an upload for an output; its parts go to the addresses in the answer',
    answer: openedUpload,
  })
  upload(@Param('id', { schema: uuid }) id: string, @Body({ schema: openUpload }) wanted: OpenUpload) {
    return this.intake.openUpload(id, wanted);
  }

  @Get('code/:digest')
  @Header('Content-Type', 'application/zip')
  @Operation({ summary: "A function's code, a zip", answer: z.string(), contentType: 'application/zip' })
  async archive(@Param('digest', { schema: digest }) codeDigest: string): Promise<StreamableFile> {
    return new StreamableFile(await this.code.get(codeDigest), { type: 'application/zip' });
  }
}
