// The baseline of P3: Fastify and PostgreSQL, and nothing between them. Forked by p3-requests.ts with the
// database's place as its argument; tells its port when it listens.
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import pg from 'pg';

const COLUMNS =
  'id, name, image, command, ports, status, restart_count, generation, created_at, updated_at';

interface NewItem {
  name: string;
  image: string;
}

const location = JSON.parse(process.argv[2] ?? '') as pg.ClientConfig;
// As many connections as the product's own pool.
const pool = new pg.Pool({ ...location, max: 20 });
const app = Fastify({ logger: false });

app.route<{ Params: { id: string } }>({
  method: 'GET',
  url: '/items/:id',
  async handler(request) {
    const { rows } = await pool.query<object>({
      name: 'read',
      text: `select ${COLUMNS} from items where id = $1`,
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
      text: `insert into items (name, image) values ($1, $2) returning ${COLUMNS}`,
      values: [request.body.name, request.body.image],
    });
    reply.code(201);
    return rows[0];
  },
});

await app.listen({ port: 0, host: 'localhost' });
process.send?.((app.server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
