import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cliCreateLines, terraformLines } from './call-lines.ts';

const CONTAINER = {
  name: 'web',
  image: 'nginx:1.27',
  env: { A: `it's`, LONGER: 'a${b}%{c}\n' },
  command: ['sh', '-c', 'sleep 1'],
  ports: [80, 443],
  volumes: [{ volume: 12, mount_path: '/data' }],
  pull_policy: 'always',
  stop_grace_seconds: 30,
  init: true,
};

it('writes a command line, quoted for a shell', () => {
  assert.equal(
    cliCreateLines('main', CONTAINER, () => 'data'),
    String.raw`dollarbox create web nginx:1.27 \
  --org main \
  --env 'A=it'\''s' \
  --env 'LONGER=a${'$'}{b}%{c}
' \
  --port 80 \
  --port 443 \
  --volume data:/data \
  --pull-policy always \
  --stop-grace 30 \
  --init \
  -- sh -c 'sleep 1'`,
  );
});

it('writes a Terraform resource, in which nothing is a template', () => {
  assert.equal(
    terraformLines('main', CONTAINER),
    String.raw`resource "dollarbox_container" "web" {
  org                = "main"
  name               = "web"
  image              = "nginx:1.27"
  command            = ["sh", "-c", "sleep 1"]
  ports              = [80, 443]
  pull_policy        = "always"
  stop_grace_seconds = 30
  init               = true
  volumes = [
    { volume = "12", mount_path = "/data" },
  ]
  env = {
    A      = "it's"
    LONGER = "a$${'$'}{b}%%{c}\n"
  }
}`,
  );
  assert.match(
    terraformLines('main', { name: '', image: 'x' }),
    /^resource "dollarbox_container" "container"/,
  );
});
