/** Docker's HTTP API over dockerode's transport, with uniform deadlines and errors. */
import { Agent, type AgentOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { DockerAddress } from '../base/options.ts';

export interface DockerCall {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the API version and the query. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
  /** A file to send as the request body, in place of `body`. */
  upload?: Readable;
  /**
   * Opens a connection for this call. A daemon that is shutting down refuses it, but still serves connections that were
   * open before. A container that it starts for one of these may keep its file system mounted where the next daemon can't
   * unmount it, and can't be removed then.
   */
  opensConnection?: true;
  signal: AbortSignal;
}

export interface DockerApi {
  /** @returns the reply's JSON, or its plain text. @throws DockerCallError */
  call<T>(call: DockerCall): Promise<T>;
  /** @returns the reply's body as a stream. Destroy it when done. @throws DockerCallError */
  stream(call: DockerCall): Promise<Readable>;
  /** Closes idle connections. */
  close(): void;
}

/** A call that did not succeed. `message` is Docker's own text, for operators only. */
export class DockerCallError extends Error {
  /** HTTP status; null if there was no reply. */
  readonly status: number | null;
  /** Node's error code if the connection failed. */
  readonly code: string | null;

  constructor(call: DockerCall, status: number | null, code: string | null, text: string) {
    super(text);
    this.name = 'DockerCallError';
    this.status = status;
    this.code = code;
    this.stack = `${this.name}: ${call.method} ${call.path}: ${text}`;
  }
}

interface ModemError extends Error {
  statusCode?: number;
  code?: string;
}

/** How docker-modem formats Docker's error text. */
const SAID = /^\(HTTP code \d+\) unexpected - ([^]*)$/;

interface Modem {
  dial(options: object, callback: (error: ModemError | null, reply: unknown) => void): void;
}

/** Docker answers with JSON, with plain text, or with nothing. */
function textParse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

const DEFAULT_SOCKET_PATH = '/var/run/docker.sock';

/** @returns the path of the socket, or null if the engine is reached over the network. */
export function dockerSocketPath(address: DockerAddress): string | null {
  if (address.host === undefined || address.host === '') {
    return address.socketPath ?? DEFAULT_SOCKET_PATH;
  }
  if (!address.host.startsWith('unix://')) return null;
  return address.host.slice('unix://'.length) || DEFAULT_SOCKET_PATH;
}

function agentCreate(protocol: 'http' | 'https', options: AgentOptions): Agent {
  const agent = protocol === 'http' ? new Agent(options) : new TlsAgent(options);
  // docker-modem formats the options of every call for its debug log, even if the log is off. With all the sockets of
  // the agent, this took most of the processor time of this process.
  Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' });
  return agent;
}

/** How the daemon is reached. `kept` and `opened` are the same but for their connections. */
interface DockerConnection {
  kept: Modem;
  opened: Modem;
  agent: Agent;
}

/** @throws Error with a sentence if the address is invalid. Nothing is contacted yet. */
function dockerConnect(address: DockerAddress): DockerConnection {
  const place = dockerPlace(address);
  const protocol = 'protocol' in place ? place.protocol : 'http';
  const agent = agentCreate(protocol, { keepAlive: true, maxFreeSockets: 16 });
  const modemCreate = (own: Agent) => {
    const options = { ...place, agent: own };
    return new Docker(options).modem as Modem;
  };
  return {
    kept: modemCreate(agent),
    opened: modemCreate(agentCreate(protocol, { keepAlive: false })),
    agent,
  };
}

/** @throws Error with a sentence if the address is invalid. */
function dockerPlace(address: DockerAddress) {
  const socketPath = dockerSocketPath(address);
  // dockerode's own parsing of DOCKER_HOST adds the TLS settings. Only the local case is handled here.
  if (socketPath !== null) return { socketPath };
  const url = URL.parse(address.host ?? '');
  if (url === null || !['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw new Error(
      `DOCKER_HOST is "${address.host}"; it must be like unix:///var/run/docker.sock or tcp://host:2376.`,
    );
  }
  const isTls = url.protocol === 'https:' || url.port === '2376';
  return {
    host: url.hostname,
    port: url.port === '' ? 2375 : Number(url.port),
    protocol: isTls ? ('https' as const) : ('http' as const),
  };
}

/** @throws Error with a sentence if the address is invalid. Nothing is contacted yet. */
export function dockerApiCreate(address: DockerAddress): DockerApi {
  const { kept, opened, agent } = dockerConnect(address);

  /** Resolves when the reply's head has arrived with a success status. */
  function dial(call: DockerCall): Promise<Readable> {
    return new Promise((resolve, reject) => {
      const modem = call.opensConnection === true ? opened : kept;
      modem.dial(
        {
          method: call.method,
          path: `${call.path}?`,
          options: { _query: call.query ?? {}, _body: call.body ?? {} },
          ...(call.upload !== undefined && { file: call.upload }),
          abortSignal: call.signal,
          // The body is read here: docker-modem's own reading waits forever if the connection is cut in the middle of
          // a reply.
          isStream: true,
          statusCodes: { 200: true, 201: true, 204: true, 304: true },
        },
        (error, reply) => {
          if (error === null) return resolve(reply as Readable);
          const said = SAID.exec(error.message)?.[1] ?? error.message;
          reject(
            new DockerCallError(call, error.statusCode ?? null, error.code ?? null, said.trim()),
          );
        },
      );
    });
  }

  return {
    async call<T>(call: DockerCall): Promise<T> {
      const reply = await dial(call);
      try {
        return textParse(await text(reply)) as T;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const { code = null } = error as NodeJS.ErrnoException;
        throw new DockerCallError(call, null, code, `The reply broke off: ${error.message}`);
      }
    },
    stream: dial,
    close: () => agent.destroy(),
  };
}
