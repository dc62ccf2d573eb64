import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Command } from './measurement.js';

/** A peer measures a shape in well under a second. Its first turn also plans. */
const TURN_SECONDS = 60;

/** The peer can't do what the line asks for. Its process goes on. */
export class Refusal extends Error {}

/** Options of {@link Server}. */
export interface ServerOptions {
  /** How long a turn may take before the process is killed. Default 60. */
  seconds?: number;
  /**
   * Whether the process is stopped between its turns, so that no thread of it takes time from others. A stopped
   * process can't see that its parent was killed. Default true.
   */
  stops?: boolean;
}

/**
 * A peer's process that takes turns. It reads a line from standard input, and answers with lines and then "end",
 * or "end: reason" where it refuses.
 */
export class Server {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly closed: Promise<void>;
  private readonly seconds: number;
  private readonly stops: boolean;
  private output: string[] = [];
  private errors = '';
  private failure: Error | undefined;
  private pending: { resolve(lines: string[]): void; reject(error: Error): void } | undefined;

  constructor({ file, args, env }: Command, { seconds = TURN_SECONDS, stops = true }: ServerOptions = {}) {
    this.seconds = seconds;
    this.stops = stops;
    this.child = spawn(file, args, { env: { ...process.env, ...env } });
    this.closed = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.fail(error);
        resolve();
      });
      this.child.on('close', (code, signal) => {
        this.fail(new Error(`${file} ended with ${signal ?? code}: ${this.errors.trim().slice(-500)}`));
        resolve();
      });
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    // A process that dies doesn't read; the handler of 'close' tells.
    this.child.stdin.on('error', () => {});
    createInterface({ input: this.child.stdout }).on('line', (line) => this.read(line));
  }

  /**
   * Sends the line and resolves with the lines of the answer. Rejects with Refusal, or with the reason why the
   * process died.
   */
  turn(line: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      const timer = setTimeout(() => {
        this.fail(new Error(`no answer within ${this.seconds} s`));
        this.child.kill('SIGKILL');
      }, 1000 * this.seconds);
      const done = () => {
        clearTimeout(timer);
        this.pending = undefined;
      };
      this.pending = {
        resolve: (lines) => {
          done();
          resolve(lines);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.output = [];
      if (this.stops) this.child.kill('SIGCONT');
      this.child.stdin.write(`${line}\n`);
    });
  }

  /** Kills the process. Resolves when it has ended. */
  stop(): Promise<void> {
    this.child.kill('SIGKILL');
    return this.closed;
  }

  private read(line: string): void {
    const isRefused = line.startsWith('end: ');
    if (line !== 'end' && !isRefused) {
      this.output.push(line);
      return;
    }
    if (this.stops) this.child.kill('SIGSTOP');
    if (isRefused) this.pending?.reject(new Refusal(line.slice('end: '.length)));
    else this.pending?.resolve(this.output);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.pending?.reject(this.failure);
  }
}
