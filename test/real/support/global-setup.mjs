// What every run has, and the foreign servers that take long to get.
import { buildMinio } from '../../../scripts/minio.mjs';
import setUp from '../../support/global-setup.mjs';

export default async function () {
  process.env.SPOOL_TEST_MINIO = buildMinio();
  await setUp();
}
