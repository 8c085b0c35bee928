import type { FastifyReply } from 'fastify';

/** One value, alone. A text is JSON too. */
export async function sendValue(reply: FastifyReply, value: unknown): Promise<void> {
  await reply.type('application/json').send(JSON.stringify(value));
}
