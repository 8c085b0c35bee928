import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const openssl = (...args: string[]) => run('openssl', args);

/** Who may come to the listener with SASL. */
export const KAFKA_USERS = {
  plain: { username: 'plain-user', password: 'plain-secret' },
  scram: { username: 'scram-user', password: 'scram-secret' },
};

interface Ports {
  readonly plain: number;
  readonly secure: number;
  readonly controller: number;
}

export const propertiesOf = (dir: string, { plain, secure, controller }: Ports): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'listener.name.secure.ssl.keystore.type': 'PEM',
    'listener.name.secure.ssl.keystore.location': join(dir, 'broker.pem'),
    'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.secure.plain.sasl.jaas.config':
      'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
      `user_${KAFKA_USERS.plain.username}="${KAFKA_USERS.plain.password}";`,
    'listener.name.secure.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'log.dirs': join(dir, 'data'),
    'num.partitions': 3,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

/** An authority, and a certificate for 127.0.0.1 that it signed. */
export async function makeCertificates(dir: string): Promise<void> {
  const at = (name: string): string => join(dir, name);
  const self = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=spool test authority'];
  await openssl('req', ...self, '-keyout', at('ca.key'), '-out', at('ca.pem'));
  const request = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=broker'];
  await openssl('req', ...request, '-keyout', at('broker.key'), '-out', at('broker.csr'));
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1');
  const signed = [
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('names'),
  ];
  await openssl('x509', '-req', '-in', at('broker.csr'), '-out', at('broker.crt'), ...signed);
  writeFileSync(at('broker.pem'), ['broker.key', 'broker.crt'].map((name) => readFileSync(at(name), 'utf8')).join(''));
}
