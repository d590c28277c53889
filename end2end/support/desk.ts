import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Hashing that costs next to nothing; only tests about its cost want the real one. */
const LIGHT_HASHES = { LATCHKEY_HASH_MEMORY_KIB: '64', LATCHKEY_HASH_PASSES: '1' };

export interface DeskOptions {
  /** Hash with the product's own settings rather than light ones. */
  realHashes?: boolean;
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
  /**
   * The log of all starts together. What the program says on standard output (the demo accounts) is
   * not in it.
   */
  log = '';
  private process: ChildProcess | undefined;
  /** The process is gone and all that it said has been read. */
  private gone = Promise.resolve();

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

  /** Starts the binary and comes back once it listens. */
  async start(): Promise<void> {
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const args = [
      'serve',
      '--demo',
      '--store',
      `rocksdb://${join(this.folder, 'data')}`,
      '--listen',
      listen,
    ];
    const env = {
      ...outside(),
      ...(this.options.realHashes ? {} : LIGHT_HASHES),
      ...this.options.env,
    };
    const child = spawn(binary(), args, {
      cwd: this.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    this.gone = new Promise((gone) => {
      child.once('close', gone).once('error', gone);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      this.log += bytes.toString();
    });
    this.url = await new Promise<string>((listening, failed) => {
      let said = '';
      child.stdout.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        const address = /^Latchkey listens on (\S+)\n/m.exec(said);
        if (address) listening(address[1]);
      });
      child.once('error', failed);
      child.once('exit', (code, signal) =>
        failed(new Error(`latchkey ended early (${code ?? signal}):\n${said}${this.log}`)),
      );
    });
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
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs another of the binary's commands on the same settings and gives its output. */
  command(...args: string[]): string {
    return execFileSync(binary(), [...args, '--demo'], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...outside(), LATCHKEY_STORE: `rocksdb://${join(this.folder, 'data')}` },
    });
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
    const child = this.process;
    this.process = undefined;
    child?.kill(signal);
    await this.gone;
  }
}

/** The environment without anybody's settings for their own desk. */
function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_')),
  );
}

let found: string | undefined;

function binary(): string {
  found ??=
    process.env.LATCHKEY_BIN ??
    execFileSync('make', ['-s', 'where'], { cwd: ROOT, encoding: 'utf8' }).trim();
  if (!existsSync(found))
    throw new Error(`No binary at ${found}: run "make build" first, or name one in LATCHKEY_BIN.`);
  return found;
}
