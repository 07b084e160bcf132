// Runs a browser in its own network: `unshare --net node quiet-browser.mjs <port> <socket> <program> [arguments]`.
// Traffic to the port on loopback goes through the socket to the outside.
import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [port, socketPath, program, ...args] = process.argv.slice(2);
spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });

const server = createServer((inner) => {
  const outer = connect(socketPath);
  inner.pipe(outer).pipe(inner);
  inner.on('error', () => outer.destroy());
  outer.on('error', () => inner.destroy());
});
server.listen(Number(port), '127.0.0.1', () => {
  // 3 and 4 are the pipes that control the browser.
  const browser = spawn(program, args, { stdio: [0, 1, 2, 3, 4] });
  browser.once('exit', (code) => process.exit(code ?? 1));
});
