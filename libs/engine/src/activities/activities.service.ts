import { Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { NameCache } from '../catalogue/name-cache.js';
import { ActivityNotFound } from './activities.errors.js';
import { type Activity, ActivityRepository } from './activity.repository.js';

/** Work that is done outside: workflows ask for it by name, workers that nobody here starts poll for it. */
@Injectable()
export class ActivitiesService {
  private readonly names: NameCache<boolean>;

  constructor(
    private readonly activities: ActivityRepository,
    wakeups: Wakeups,
  ) {
    this.names = new NameCache(wakeups, 'activities');
  }

  /** As often as one likes: an activity is only its name. */
  async create(namespace: string, name: string): Promise<Activity> {
    if (await this.activities.insert(namespace, name)) this.names.forget();
    return this.get(namespace, name);
  }

  async get(namespace: string, name: string): Promise<Activity> {
    const [found] = await this.activities.list(namespace, name);
    if (!found) throw new ActivityNotFound(name);
    return found;
  }

  /** Asked for each task and each poll. */
  async exists(namespace: string, name: string): Promise<boolean> {
    return this.names.get(`${namespace}/${name}`, () => this.activities.exists(namespace, name));
  }

  async list(namespace: string): Promise<Activity[]> {
    return this.activities.list(namespace);
  }

  /** What workers have already may still be answered. */
  async delete(namespace: string, name: string): Promise<void> {
    if (!(await this.activities.delete(namespace, name))) throw new ActivityNotFound(name);
    this.names.forget();
  }
}
