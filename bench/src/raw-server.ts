// The baseline of P3: Fastify and PostgreSQL, and nothing between them. Forked by p3-requests.ts with the
// database's place and the number of its rows as arguments; reports its port when it listens.
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import pg from 'pg';

/** What the product shows of a container. */
const COLUMNS = `id, org_id, name, image, env_sealed, command, ports, status, status_reason, status_message,
  restart_count, ipv6_address, generation, observed_generation, revision, created_at, updated_at`;

interface NewItem {
  name: string;
  image: string;
}

const location = JSON.parse(process.argv[2] ?? '') as pg.ClientConfig;
// As many connections as the product's own pool.
const pool = new pg.Pool({ ...location, max: 20 });
/** Of the last row: no two have the same. */
let address = Number(process.argv[3]);
const app = Fastify({ logger: false });

app.route<{ Params: { id: string } }>({
  method: 'GET',
  url: '/items/:id',
  async handler(request) {
    const { rows } = await pool.query<object>({
      name: 'read',
      text: `select ${COLUMNS} from bench.items where id = $1`,
      values: [request.params.id],
    });
    return rows[0];
  },
});

app.route<{ Body: NewItem }>({
  method: 'POST',
  url: '/items',
  async handler(request, reply) {
    const { rows } = await pool.query<object>({
      name: 'insert',
      text: `insert into bench.items
        (org_id, name, image, env_sealed, command, ports, ipv6_address, created_at, updated_at, attempt_at)
        values (1, $1, $2, '', '{}', '{}', '::'::inet + $3::bigint, $4, $4, $4) returning ${COLUMNS}`,
      values: [request.body.name, request.body.image, (address += 1), new Date()],
    });
    reply.code(201);
    return rows[0];
  },
});

await app.listen({ port: 0, host: 'localhost' });
process.send?.((app.server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
