import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@app/common';
import {
  ApiKeysService,
  BuiltinFunctions,
  BuiltinWorkflows,
  type InfrastructureConfig,
  LanesService,
  LeasesService,
} from '@app/engine';
import { EmbeddedS3 } from '@app/object-store';
import type { INestApplicationContext } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { createGateway } from '../../gateway/src/application.js';
import { type AccessFile, readAccessFile, writeAccessFile } from './access-file.js';
import type { StandaloneConfig } from './config.js';
import { EXECUTOR_NAME, prepareExecutor } from './executor.js';
import { repositoryDir } from './repository-dir.js';
import { loadSecrets, type Secrets } from './secrets.js';
import { becomeSoleOwner } from './sole-owner.js';
import { StandaloneModule } from './standalone.module.js';

const REGION = 'us-east-1';

export interface Running {
  readonly access: AccessFile;
  readonly dataDir: string;
  /** Set at the first start only. */
  readonly newKey: string | undefined;
  /** How functions are kept apart, in words. */
  readonly sandbox: string;
  stop(): Promise<void>;
}

/** Brings everything up on one data folder, in the order of need; `stop` takes it down in the reverse. */
export async function start(config: StandaloneConfig): Promise<Running> {
  const { dataDir } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // Programs that the set-up brought along, ffmpeg above all, are found before the system's.
  process.env['PATH'] = `${join(dataDir, 'bin')}:${process.env['PATH'] ?? ''}`;
  const secrets = loadSecrets(dataDir);
  const prepared = prepareExecutor({ token: secrets.executorToken, dataDir });
  const postgres =
    config.databaseUrl === undefined ? await EmbeddedPostgres.start({ dir: join(dataDir, 'postgres') }) : undefined;
  const databaseUrl = config.databaseUrl ?? postgres?.url ?? '';
  await becomeSoleOwner(databaseUrl, dataDir);
  const s3 = await EmbeddedS3.start({
    dir: join(dataDir, 'objects'),
    host: config.host,
    port: config.s3Port,
    credentials: secrets.s3,
    region: REGION,
  });
  const gateway = await openGateway(config, { databaseUrl, secrets, s3 });
  const { apiUrl, newKey } = gateway;
  const executor = await prepared.start(apiUrl, gateway.app.get(LanesService, { strict: false }));
  const access: AccessFile = {
    pid: process.pid,
    apiUrl,
    consoleUrl: `${apiUrl}/console/`,
    apiKey: newKey ?? readAccessFile(dataDir)?.apiKey,
    s3: { endpoint: s3.endpoint, region: REGION, ...secrets.s3 },
  };
  writeAccessFile(dataDir, access);
  const stop = async (): Promise<void> => {
    await executor.app.close();
    await gateway.app.close();
    await s3.close();
    await postgres?.stop();
  };
  return { access, dataDir, newKey, sandbox: executor.sandbox, stop };
}

interface Foundations {
  readonly databaseUrl: string;
  readonly secrets: Secrets;
  readonly s3: EmbeddedS3;
}

async function openGateway(config: StandaloneConfig, { databaseUrl, secrets, s3 }: Foundations) {
  const { leaseSeconds, reserveAfterSeconds, logLevel, maxPayloadBytes, region, subscriptionAddresses } = config;
  const infrastructure: InfrastructureConfig = {
    database: { url: databaseUrl, maxConnections: 16 },
    s3: { endpoint: s3.endpoint, publicEndpoint: s3.endpoint, region: REGION, forcePathStyle: true, ...secrets.s3 },
    eventBus: { kind: 'postgres' },
    payloads: { maxBytes: maxPayloadBytes },
    outbound: { reach: subscriptionAddresses },
    workers: { leaseSeconds, heartbeatSeconds: leaseSeconds / 4, reserveAfterSeconds },
  };
  const consoleDir = join(repositoryDir(), 'dist/console');
  const settings = { ...infrastructure, logLevel, region, consoleDir, executorToken: secrets.executorToken };
  const root = StandaloneModule.of({ infrastructure, gateway: settings, notifications: s3.notifications });
  const app = await createGateway(root, settings);
  app.useLogger(app.get(Logger));
  await app.init();
  const newKey = await prepare(app);
  await app.listen(config.port, config.host);
  return { app, apiUrl: await app.getUrl(), newKey };
}

/** Before anybody may ask for anything: what must be there, and what the last run left in the hands of the dead. */
async function prepare(app: INestApplicationContext): Promise<string | undefined> {
  await app.get(BuiltinFunctions, { strict: false }).deployAll(join(repositoryDir(), 'functions'));
  await app.get(BuiltinWorkflows, { strict: false }).deployAll(join(repositoryDir(), 'workflows'));
  await app.get(LeasesService, { strict: false }).release(EXECUTOR_NAME);
  return app.get(ApiKeysService, { strict: false }).ensureFirst();
}
