import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(__dirname, '../..');

interface Message {
  id?: number;
  method?: string;
  result?: unknown;
  error?: { message: string };
}

/** Queries TypeScript's language server about one file, as an editor does. */
export class LanguageServer {
  readonly #server: ChildProcess;
  readonly #folder: string;
  readonly #uri: string;
  readonly #source: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #received = Buffer.alloc(0);
  #requests = 0;

  private constructor(source: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'convforge-editor-'));
    this.#source = source.replaceAll('LIB', join(ROOT, 'lib/index.js'));
    const file = join(this.#folder, 'program.ts');
    this.#uri = pathToFileURL(file).href;
    const options = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(ROOT, 'node_modules/@types')] },
      include: ['program.ts'],
    };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(options));
    writeFileSync(file, this.#source);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    this.#server = spawn(process.execPath, [tsc, '--lsp', '--stdio'], {
      cwd: this.#folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#server.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** Opens a file with this content. `LIB` in it stands for the path of lib/index.js. */
  static async open(source: string): Promise<LanguageServer> {
    const server = new LanguageServer(source);
    const capabilities = { textDocument: { hover: { contentFormat: ['plaintext'] } } };
    const rootUri = pathToFileURL(server.#folder).href;
    await server.#request('initialize', { processId: process.pid, rootUri, capabilities });
    server.#send({ method: 'initialized', params: {} });
    const document = { uri: server.#uri, languageId: 'typescript', version: 1, text: server.#source };
    server.#send({ method: 'textDocument/didOpen', params: { textDocument: document } });
    return server;
  }

  /** The hover text at the first letter of `text`. */
  async hover(text: string): Promise<string> {
    const shown = (await this.#request('textDocument/hover', this.#at(text))) as {
      contents: { value: string };
    } | null;
    return shown?.contents.value ?? '';
  }

  /** The completions where `text` begins. */
  async completions(text: string): Promise<string[]> {
    const offered = (await this.#request('textDocument/completion', this.#at(text))) as {
      items: { label: string }[];
    } | null;
    return offered?.items.map(({ label }) => label) ?? [];
  }

  async close(): Promise<void> {
    const exit = once(this.#server, 'exit');
    this.#server.kill();
    await exit;
    rmSync(this.#folder, { recursive: true });
  }

  #at(text: string): object {
    const before = this.#source.slice(0, this.#source.indexOf(text)).split('\n');
    const position = { line: before.length - 1, character: before[before.length - 1].length };
    return { textDocument: { uri: this.#uri }, position };
  }

  #request(method: string, params: object): Promise<unknown> {
    const id = ++this.#requests;
    this.#send({ id, method, params });
    return new Promise((settle, fail) => {
      this.#waiting.set(id, ({ result, error }) => (error ? fail(new Error(error.message)) : settle(result)));
    });
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const [head, length] =
        /^Content-Length: (\d+)\r\n(?:.*\r\n)*?\r\n/.exec(this.#received.toString('latin1')) ?? [];
      if (head === undefined || this.#received.length < head.length + Number(length)) return;
      const body = this.#received.subarray(head.length, head.length + Number(length));
      this.#received = this.#received.subarray(head.length + Number(length));
      this.#handle(JSON.parse(body.toString('utf8')));
    }
  }

  #handle(message: Message): void {
    // Requests of the server itself (settings, watching files) get an empty answer.
    if (message.id !== undefined && message.method !== undefined)
      this.#send({ id: message.id, result: null });
    else if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
  }
}
