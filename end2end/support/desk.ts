// Starts a desk for a test, and stops it (`latchkey-testkit`).

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Hashing that costs next to nothing; only tests about its cost want the real one. */
const LIGHT_HASHES = { LATCHKEY_HASH_MEMORY_KIB: '64', LATCHKEY_HASH_PASSES: '1' };

export interface DeskOptions {
  /** Hash with the product's own settings rather than light ones. */
  realHashes?: boolean;
  /**
   * On files, for a test that stops the desk and starts it again. Others have their store in
   * memory: hundreds of new stores on files are hundreds of waits for the disk each.
   */
  kept?: boolean;
  /** More of the environment, for example `LATCHKEY_CONFIRM_SECONDS`. */
  env?: Record<string, string>;
}

/** A running `latchkey serve --demo` with a store of its own. */
export class Desk {
  /**
   * Where it listens. The system chooses the port at the first start, so that no other program can
   * take it first; later starts keep it.
   */
  url = '';
  /** `latchkey-testkit`, which runs the desk and ends with it. */
  private kit: ChildProcess | undefined;
  /** The desk's own process. */
  private pid = 0;
  /** Both processes are gone. */
  private gone = Promise.resolve();
  /** The log, once its folder is gone. */
  private kept: string | undefined;

  private constructor(
    private readonly folder: string,
    private readonly options: DeskOptions,
  ) {}

  static async open(options: DeskOptions = {}): Promise<Desk> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-end2end-'));
    const desk = new Desk(folder, options);
    await desk.start();
    return desk;
  }

  /**
   * The log of all starts together. What the program says on standard output (the demo accounts) is
   * not in it.
   */
  get log(): string {
    return this.kept ?? readFileSync(join(this.folder, 'latchkey.log'), 'utf8');
  }

  /** Starts the desk and comes back once it listens. */
  async start(): Promise<void> {
    if (this.url && !this.options.kept)
      throw new Error('A store in memory is gone: test.use({ deskOptions: { kept: true } }).');
    const settings = { ...(this.options.realHashes ? {} : LIGHT_HASHES), ...this.options.env };
    const args = [
      '--demo',
      `--folder=${this.folder}`,
      ...(this.options.kept ? [] : ['--store=mem://']),
      `--listen=${this.url ? new URL(this.url).host : '127.0.0.1:0'}`,
      ...Object.entries(settings).map(([name, value]) => `--env=${name}=${value}`),
    ];
    const child = spawn(testkit(), args, {
      env: { ...process.env, LATCHKEY_BIN: binary() },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.kit = child;
    this.gone = new Promise((gone) => {
      child.once('close', gone).once('error', gone);
    });
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => {
      complaint += bytes.toString();
    });
    const line = await new Promise<string>((listening, failed) => {
      let output = '';
      child.stdout.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        if (output.endsWith('\n')) listening(output);
      });
      child.once('error', failed);
      child.once('close', (code, signal) =>
        failed(new Error(`the desk did not start (${code ?? signal}):\n${complaint}`)),
      );
    });
    ({ url: this.url, pid: this.pid } = JSON.parse(line) as { url: string; pid: number });
  }

  /** As a power cut would: no orderly end, then a start on the same store and address. */
  async killAndStartAgain(): Promise<void> {
    await this.end('SIGKILL');
    await this.start();
  }

  /** Takes the desk off the network; `start` brings it back. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    this.kept = this.log;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Asks whether a token is good, as an application does. */
  async verify(authorization: string): Promise<{ status: number; user: string | null }> {
    const answer = await fetch(`${this.url}/auth/verify`, {
      headers: { Authorization: authorization },
    });
    await answer.text();
    return { status: answer.status, user: answer.headers.get('Remote-User') };
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.kit;
    this.kit = undefined;
    try {
      if (child?.exitCode === null) process.kill(this.pid, signal);
    } catch {
      // It has just ended by itself.
    }
    await this.gone;
  }
}

let found: string | undefined;

function binary(): string {
  const named = process.env.LATCHKEY_BIN;
  found ??= named
    ? resolve(named)
    : execFileSync('make', ['-s', 'where'], { cwd: ROOT, encoding: 'utf8' }).trim();
  if (!existsSync(found))
    throw new Error(`No binary at ${found}: run "make build" first, or name one in LATCHKEY_BIN.`);
  return found;
}

/** What starts it, built beside it. */
function testkit(): string {
  return join(dirname(binary()), 'latchkey-testkit');
}

/** What a command prints that needs no store, on both outputs together. */
export function printed(...args: string[]): string {
  const { stdout, stderr } = spawnSync(binary(), args, { cwd: tmpdir(), encoding: 'utf8' });
  return stdout + stderr;
}
