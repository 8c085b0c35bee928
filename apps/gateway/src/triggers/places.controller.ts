import { TopicPlacesService } from '@app/engine';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { place, type Reset, reset } from './places.dto.js';

@Controller('v1/triggers/:name')
export class PlacesController {
  constructor(private readonly places: TopicPlacesService) {}

  @Get('place')
  @Operation({ summary: 'Shows how far a topic trigger has read, and how far it lags behind', answer: place })
  async get(@Namespace() namespace: string, @Param('name', { schema: name }) trigger: string) {
    return this.places.get(namespace, trigger);
  }

  @Post('reset')
  @Operation({
    summary: 'Lets a topic trigger read on from another place',
    description:
      'What it has read and not started is let go. What it reads a second time starts something again. Routers do it ' +
      'within seconds: until then `resetTo` says where to.',
    status: 202,
    answer: place,
  })
  async reset(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) trigger: string,
    @Body({ schema: reset }) { to }: Reset,
  ) {
    return this.places.reset(namespace, trigger, to);
  }
}
