import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConvforgeError } from '../errors.js';
import type { LiveOptions } from '../training/observer.js';
import { escapeText } from './escape.js';
import { htmlPage } from './page.js';

const HOST = '127.0.0.1';

/** Least time between two messages about the progress, and between two drawings of the curves, in milliseconds. */
const PROGRESS_INTERVAL = 250;
const CONTENT_INTERVAL = 2000;

/** How long a closing server waits for its answers to be sent, in milliseconds. */
const LAST_WAIT = 500;

const HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Serves the page of a training on 127.0.0.1, and sends what changes as server-sent events. All requests need
 * the token in the address, and a Host that is this one; a request to stop also an Origin that is this one, so
 * that no other page can send it.
 */
export class LivePage {
  readonly #options: LiveOptions;
  readonly #token = randomBytes(16).toString('hex');
  readonly #readers = new Set<ServerResponse>();
  #server?: Server;
  /** The Host that requests must have. */
  #host = '';
  #title = '';
  #content = '';
  #state = 'The training begins.';
  #stop = () => {};
  #told = 0;
  #drawn = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Starts to serve. `stop` is called when a reader wants the training to end. Rejects with IO_ERROR. */
  async open(title: string, stop: () => void): Promise<void> {
    this.#title = title;
    this.#stop = stop;
    const { port = 0, onAddress = (address: string) => process.stdout.write(`Live: ${address}\n`) } =
      this.#options;
    const server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new ConvforgeError('IO_ERROR', `live: can't listen on port ${port}: ${cause.message}.`, { cause }),
        ),
      );
      server.listen(port, HOST, resolve);
    });
    this.#server = server;
    this.#host = `${HOST}:${(server.address() as AddressInfo).port}`;
    onAddress(`http://${this.#host}/${this.#token}/`);
  }

  /** Sends the progress, and from time to time the content, if anybody reads. */
  tell(state: () => string, content: () => Promise<string>): void {
    const now = performance.now();
    if (now - this.#told < PROGRESS_INTERVAL) return;
    this.#told = now;
    this.#state = state();
    this.#send('progress', this.#state);
    if (this.#readers.size === 0 || now - this.#drawn < CONTENT_INTERVAL) return;
    this.#drawn = now;
    content().then(
      (html) => this.show(html),
      () => undefined,
    );
  }

  /** Replaces the content of the page. */
  show(content: string): void {
    if (content === this.#content) return;
    this.#content = content;
    this.#drawn = performance.now();
    this.#send('content', content);
  }

  /** Ends with a last message. Resolves when the readers have it. */
  async close(message: string): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    this.#send('end', message);
    for (const reader of this.#readers) reader.end();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = setTimeout(() => server.closeAllConnections(), LAST_WAIT);
    server.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }

  #send(event: string, data: string): void {
    for (const reader of this.#readers) reader.write(message(event, data));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '', headers } = request;
    request.resume();
    const hosts = [this.#host, this.#host.replace(HOST, 'localhost')];
    const path = url.startsWith(`/${this.#token}/`) ? url.slice(this.#token.length + 2) : undefined;
    if (!hosts.includes(headers.host ?? '')) end(response, 403);
    else if (path === '' && method === 'GET') this.#sendPage(response);
    else if (path === 'events' && method === 'GET') this.#sendEvents(response);
    else if (path !== 'stop' || method !== 'POST') end(response, 404);
    else if (headers.origin !== `http://${headers.host}`) end(response, 403);
    else {
      this.#stop();
      end(response, 204);
    }
  }

  #sendPage(response: ServerResponse): void {
    const top =
      `<div class="live" id="live"><span id="live-state" role="status">${escapeText(this.#state)}</span>` +
      '<button type="button" id="live-stop">Stop training</button></div>';
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' });
    response.end(htmlPage(this.#title, this.#content, { top, isServed: true }));
  }

  #sendEvents(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(message('content', this.#content));
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, HEADERS).end();
}

/** A server-sent event. JSON has no line breaks, which would end it. */
function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
