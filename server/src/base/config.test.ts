import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolve } from 'node:path';
import { configRead } from './config.ts';
import { OperatorError } from './errors.ts';

const KEY = 'k'.repeat(32);

/** The sentence with which a start is refused. */
function refusal(env: Record<string, string>): string {
  try {
    configRead(env);
  } catch (error) {
    assert.ok(error instanceof OperatorError);
    return error.message;
  }
  return assert.fail(`taken: ${JSON.stringify(env)}`);
}

describe('the address of a mail server', () => {
  it('asks for percent-encoding where a password has characters that end a part of a URL', () => {
    for (const password of ['pa#ss', 'pa/ss', '1/2', 'pa?ss', '1#2']) {
      const text = refusal({ SMTP_URL: `smtp://user:${password}@mail.example:587` });
      assert.match(text, /SMTP_URL.*percent-encode/, password);
      assert.ok(!text.includes(password), 'the refusal shows the password');
      const url = `smtp://user:${encodeURIComponent(password)}@mail.example:587`;
      assert.equal(configRead({ SMTP_URL: url }).smtpUrl, url);
    }
    for (const url of [
      'smtp://localhost',
      'smtps://mail.example/',
      'smtp://mail.example?pool=true',
    ]) {
      assert.equal(configRead({ SMTP_URL: url }).smtpUrl, url);
    }
  });
});

describe('the configuration', () => {
  it('needs no variable at all', () => {
    const config = configRead({});
    assert.equal(config.port, 8080);
    assert.equal(config.host, 'localhost');
    assert.equal(config.publicUrl, 'http://localhost:8080');
    assert.equal(config.dataDir, resolve('data'));
    assert.equal(config.databaseUrl, null);
    assert.equal(config.engine, 'docker');
    assert.equal(config.role, 'all');
    assert.equal(config.rateLimitPerMinute, 600);
    assert.equal(config.isolation, 'strict');
    assert.equal(config.ipv6Prefix, null);
    assert.deepEqual(config.proxyEnvironment, {});
    assert.deepEqual(config.trustedProxies, []);
  });

  it('is frozen', () => {
    assert.ok(Object.isFrozen(configRead({})));
  });

  it('treats an empty variable as absent', () => {
    assert.deepEqual(configRead({ PORT: '', ENGINE: ' ', PUBLIC_URL: '' }), configRead({}));
  });

  it('gives the metrics a different port in each copy', () => {
    assert.equal(configRead({ PORT: '8195' }).metricsPort, 9195);
    assert.equal(configRead({ PORT: '65000' }).metricsPort, 64_000);
    assert.equal(configRead({ METRICS_PORT: '1234' }).metricsPort, 1234);
  });

  it('takes failpoints, but never in production', () => {
    assert.deepEqual(configRead({}).failpoints, []);
    const FAILPOINTS = 'apply.after=kill@2';
    assert.deepEqual(configRead({ FAILPOINTS }).failpoints, [
      { name: 'apply.after', action: { do: 'kill' }, hit: 2 },
    ]);
    assert.match(refusal({ FAILPOINTS: 'x' }), /^FAILPOINTS: "x" is not like apply\.after=kill@2/);
    assert.match(refusal({ FAILPOINTS, NODE_ENV: 'production' }), /^FAILPOINTS makes the process/);
  });

  it('reads what is set', () => {
    const config = configRead({
      PUBLIC_URL: 'https://panel.example/',
      DATABASE_URL: 'postgres://db/x',
      SECRET_KEY: KEY,
      ALLOWED_REGISTRIES: 'a:5000, b\nc',
      ALLOWED_LOCAL_IMAGES: 'web:1 tools/db:2',
      https_proxy: 'http://proxy:3128',
      TRUSTED_PROXIES: '10.0.0.0/8 fd00::/8,192.0.2.1',
      IPV6_PREFIX: '2001:DB8:40::/48',
      ENGINE: 'fake',
      ROLE: 'api',
    });
    assert.equal(config.publicUrl, 'https://panel.example');
    assert.equal(config.databaseUrl, 'postgres://db/x');
    assert.equal(config.ipv6Prefix, '2001:db8:40::/48');
    assert.deepEqual(config.allowedRegistries, ['a:5000', 'b', 'c']);
    assert.deepEqual(config.allowedLocalImages, ['web:1', 'tools/db:2']);
    assert.equal(config.proxyEnvironment['HTTPS_PROXY'], 'http://proxy:3128');
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);
  });
});

describe('a wrong variable', () => {
  const WRONG: readonly (readonly [string, string])[] = [
    ['PORT', 'http'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', '-1'],
    ['METRICS_PORT', '8080'],
    ['RATE_LIMIT_PER_MINUTE', '0'],
    ['RATE_LIMIT_PER_MINUTE', '1e3'],
    ['ENGINE', 'podman'],
    ['ROLE', 'worker'],
    ['LOG_LEVEL', 'loud'],
    ['ISOLATION', 'none'],
    ['PUBLIC_URL', 'panel.example'],
    ['PUBLIC_URL', 'ftp://panel.example'],
    ['PUBLIC_URL', 'https://panel.example/base'],
    ['PUBLIC_URL', 'https://panel.example/?x=1'],
    ['PUBLIC_URL', 'https://user@panel.example'],
    ['DATABASE_URL', 'mysql://x'],
    ['DOCKER_HOST', 'ssh://host'],
    ['REDIS_URL', 'http://x'],
    ['IPV6_PREFIX', '2001:db8:40::/64'],
    ['IPV6_PREFIX', 'fe80::/48'],
    ['SECRET_KEY', 'short'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ];
  for (const [name, value] of WRONG) {
    it(`is named: ${name}=${value}`, () => {
      const sentence = refusal({
        [name]: value,
        ...(name === 'DATABASE_URL' ? { SECRET_KEY: KEY } : {}),
      });
      assert.ok(sentence.startsWith(name), sentence);
      assert.doesNotMatch(sentence, /; [A-Z_]+ must/, 'one fault only');
    });
  }

  it('is reported together with all others', () => {
    assert.match(
      refusal({ PUBLIC_URL: 'https://Panel.example/base/' }),
      /such as https:\/\/panel\.example: .*not under a path/,
    );
    const sentence = refusal({ PORT: 'x', ENGINE: 'y', PUBLIC_URL: 'z', TRUSTED_PROXIES: 'a b' });
    for (const part of ['PORT', 'ENGINE', 'PUBLIC_URL', '"a"', '"b"']) {
      assert.ok(sentence.includes(part), `${part} in: ${sentence}`);
    }
  });

  it('is a database without the key that its secrets are sealed with', () => {
    assert.match(refusal({ DATABASE_URL: 'postgres://db/x' }), /^SECRET_KEY must be set/);
  });

  it('never shows a secret', () => {
    const sentence = refusal({ SECRET_KEY: 'hunter2', DATABASE_URL: 'x://me:hunter2@db' });
    assert.ok(!sentence.includes('hunter2'), sentence);
  });
});
