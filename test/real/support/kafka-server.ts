import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../support/free-ports.js';
import { KAFKA_USERS, makeCertificates, propertiesOf } from './kafka-properties.js';
import { ServerProcess } from './server-process.js';

const run = promisify(execFile);
/** 3.9 passes as well. */
const VERSION = process.env['SPOOL_TEST_KAFKA_VERSION'] ?? '4.1.0';
const CACHE = join(import.meta.dirname, '../../../.cache');
const MEMORY = ['-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** A single-node Apache Kafka (KRaft) on loopback. Needs Java 17 and Maven, which fetches the server once. */
export class KafkaServer {
  private process: ServerProcess | undefined;

  private constructor(
    private readonly dir: string,
    private readonly libraries: string,
    readonly broker: string,
    /** The listener with TLS and SASL, for the users of `KAFKA_USERS`. */
    readonly secureBroker: string,
  ) {}

  static async start(): Promise<KafkaServer> {
    const libraries = join(await fetchServer(), '*');
    const dir = mkdtempSync(join(tmpdir(), 'spool-kafka-'));
    const [plain, secure, controller] = await freePorts(3);
    const ports = { plain, secure, controller };
    const server = new KafkaServer(dir, libraries, `127.0.0.1:${ports.plain}`, `127.0.0.1:${ports.secure}`);
    await makeCertificates(dir);
    writeFileSync(server.properties, propertiesOf(dir, ports));
    await server.format();
    await server.launch();
    return server;
  }

  /** Of the authority that signed its certificate. */
  get ca(): string {
    return join(this.dir, 'ca.pem');
  }

  /** Runs one of Kafka's own programs. */
  async run(program: string, args: readonly string[], input = ''): Promise<string> {
    const child = run('java', [...MEMORY, '-cp', this.libraries, program, ...args], { timeout: 60_000 });
    child.child.stdin?.end(input);
    return (await child).stdout;
  }

  /** Starts it, or starts it again with the data it had. */
  async launch(): Promise<void> {
    const args = [...MEMORY, '-cp', this.libraries, 'kafka.Kafka', this.properties];
    const launch = { command: 'java', args, dir: this.dir };
    this.process = await ServerProcess.launch(launch, (log) => log.includes('Kafka Server started'));
  }

  /** As a power cut would: no goodbye to anybody. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private get properties(): string {
    return join(this.dir, 'server.properties');
  }

  private async format(): Promise<void> {
    const clusterId = 'c3Bvb2wtdGVzdC1rYWZrYQ';
    const { username, password } = KAFKA_USERS.scram;
    // Older ones know no users in KRaft.
    const user = hasScram(VERSION) ? ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`] : [];
    const args = ['format', '--cluster-id', clusterId, '--config', this.properties, ...user];
    await run('java', [...MEMORY, '-cp', this.libraries, 'kafka.tools.StorageTool', ...args]);
  }
}

/** The folder with the server's jars. Moved into place when whole, so that an interrupted fetch is none. */
async function fetchServer(): Promise<string> {
  const dir = join(CACHE, `kafka-${VERSION}`);
  if (existsSync(dir)) return dir;
  const partial = join(CACHE, `kafka-${VERSION}.${process.pid}`);
  await mkdir(partial, { recursive: true });
  const pom = join(partial, 'pom.xml');
  writeFileSync(pom, POM);
  const args = [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${partial}`,
  ];
  await run('mvn', args, { timeout: 600_000 }).catch((error: Error) => {
    throw new Error(`Maven cannot fetch Kafka ${VERSION}: ${error.message}`);
  });
  renameSync(partial, dir);
  return dir;
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>spool.test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
    ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
  </dependencies>
</project>`;

const hasScram = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
};
