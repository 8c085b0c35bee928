// `npm run demo [-- path/to/file.mp4]`: starts Spool, uploads a clip through the S3 API, and shows what a trigger, a
// workflow and the media functions make of it. Exits 0 only when the results are in the bucket and ffprobe agrees.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createApi } from './demo/api.mjs';
import { checkMediaFile } from './demo/media-file.mjs';
import { checkOutputs, table } from './demo/outputs.mjs';
import { demoClip, executionOf, pipelineFor, setUp, upload } from './demo/pipeline.mjs';
import { openSpool } from './demo/spool.mjs';
import { bold, dim, green, readableCause, red, say, watch } from './demo/watch.mjs';
import { describe, ensureFfmpeg } from './ffmpeg.mjs';

const root = resolve(import.meta.dirname, '..');
const dataDir = resolve(process.env.SPOOL_DATA_DIR || join(root, '.spool'));

// A notice for us and not for whoever sees the demo.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const usage =
  'Usage: npm run demo [-- path/to/file]      a film or a song; without it, the clip that Spool brings along';

function readArguments(args) {
  if (args.some((arg) => arg === '-h' || arg === '--help')) {
    say(usage);
    process.exit(0);
  }
  if (args.length > 1 || args[0]?.startsWith('--')) throw new Error(usage);
  // npm runs scripts in the repository; a path is meant from where the person stands.
  return args[0] ? resolve(process.env.INIT_CWD ?? process.cwd(), args[0]) : demoClip;
}

function createS3({ endpoint, region, accessKeyId, secretAccessKey }) {
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}

/** Why it failed: the engine's error, and what the functions that failed had said last. */
async function explainFailure(api, execution, invocations) {
  const lines = [`The execution ended ${execution.status}: ${execution.error ?? ''}`, readableCause(execution.cause)];
  for (const { id, function: name } of invocations.filter((each) => ['FAILED', 'TIMED_OUT'].includes(each.status))) {
    const { items = [] } = await api.get(`/v1/invocations/${id}/logs`).catch(() => ({}));
    if (items.length > 0) lines.push(`The last lines of ${name}:`, ...items.slice(-10).map(({ line }) => `  ${line}`));
  }
  return lines.filter(Boolean).join('\n');
}

async function runPipeline(spool, { path, ffprobe, source, signal }) {
  const { access } = spool;
  if (!access.apiKey)
    throw new Error(`${dataDir}/access.json has no API key: this Spool uses a database that was set up elsewhere`);
  const api = createApi(access);
  const s3 = createS3(access.s3);
  const pipeline = pipelineFor(source);
  await setUp(api);
  say(`Objects created in media-in/${pipeline.prefix} start the workflow ${bold(pipeline.workflow)}`);
  const key = await upload(s3, path, pipeline);
  say(`Uploaded ${basename(path)} to s3://media-in/${key}`);
  const { id } = await executionOf(api, key, pipeline);
  say(`\nExecution ${bold(id)}`);
  const invocations = await watch(api, id, signal);
  const execution = await api.get(`/v1/executions/${id}`);
  if (execution.status !== 'SUCCEEDED') throw new Error(await explainFailure(api, execution, invocations));
  const dir = mkdtempSync(join(tmpdir(), 'spool-demo-'));
  try {
    const outputs = await checkOutputs({ s3, ffprobe, dir, source }, execution.output);
    return { execution, outputs };
  } finally {
    rmSync(dir, { recursive: true, force: true });
    s3.destroy();
  }
}

function report(spool, { execution, outputs }) {
  const { message, source } = execution.output;
  const { access } = spool;
  const seconds = (Date.parse(execution.endedAt) - Date.parse(execution.startedAt)) / 1_000;
  say(`\n${green('Done')} in ${seconds.toFixed(1)} s. The objects, as ffprobe sees them after a download:\n`);
  for (const line of table(outputs)) say(`  ${line}`);
  say(`\nMessage on topic ${bold(message.topic)}: partition ${message.partition}, offset ${message.offset}`);
  say(`\n  Console   ${access.consoleUrl ?? `${access.apiUrl}/console/`}`);
  say(`  API       ${access.apiUrl}  ${dim(`(described at ${access.apiUrl}/docs)`)}`);
  say(`  S3        ${access.s3.endpoint}`);
  say(`  API key   in ${join(dataDir, 'access.json')}, as "apiKey"; send it as Authorization: Bearer <key>`);
  say(
    `\nYour own file:  npm run demo -- path/to/file.mp4   ${dim(`(or upload it to s3://${source.bucket}/uploads/films/ or songs/)`)}`,
  );
}

async function main() {
  const path = readArguments(process.argv.slice(2));
  const ffmpeg = ensureFfmpeg();
  say(describe(ffmpeg));
  const source = await checkMediaFile(ffmpeg.ffprobe, path);
  const controller = new AbortController();
  const opening = openSpool(dataDir);
  let spool;
  const interrupt = async () => {
    say('\nStopping …');
    controller.abort();
    await (await opening.catch(() => undefined))?.stop();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupt);
  try {
    spool = await opening;
    if (controller.signal.aborted) return;
    say(
      spool.isOurs
        ? `Spool is up at ${spool.access.apiUrl}, on ${dataDir}`
        : `Spool runs already at ${spool.access.apiUrl}: using it`,
    );
    const died = spool.ended.then((how) => Promise.reject(new Error(`Spool ended in the middle (${how})`)));
    report(
      spool,
      await Promise.race([
        runPipeline(spool, { path, ffprobe: ffmpeg.ffprobe, source, signal: controller.signal }),
        died,
      ]),
    );
  } catch (error) {
    if (!controller.signal.aborted) throw Object.assign(error, { log: spool?.lastLines() ?? [] });
  } finally {
    if (!controller.signal.aborted && spool?.isOurs) {
      await spool.stop();
      say(`\nSpool is stopped; your data stay in ${dataDir}. To keep it running: ${bold('npm start')}`);
    }
  }
}

try {
  await main();
} catch (error) {
  say(`\n${red('The demo failed.')} ${error.message}`);
  if (error.log?.length > 0) say(`\nSpool's last lines:\n${error.log.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
}
