// Which commands take the program that is compiled for speed, and which the one of daily work:
// node --test tools/profile-tests.mjs. Nothing is compiled: cargo and what it has made are planted.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '..');
const FOR_SPEED = ['deb', 'container', 'tarball', 'release', 'bench', 'bench-scale', 'bench-mixed'];
const DAILY = ['build', 'size', 'lighthouse', 'test-deb', 'test-container', 'test-firefox'];

const place = mkdtempSync(join(tmpdir(), 'latchkey-profiles-'));
process.on('exit', () => rmSync(place, { recursive: true, force: true }));
const target = join(place, 'target');

function plant(path, script) {
  const file = join(place, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

// The program makes a page of its manual, and prints its profile for whatever is requested.
for (const profile of ['release', 'dist']) {
  plant(
    `target/${profile}/latchkey`,
    `[ "$1" != man ] || { mkdir -p "$2" && echo ${profile} >"$2/latchkey.1"; }; echo ${profile}`,
  );
}
plant('bin/dpkg', 'echo amd64');
const note = (name) => `echo ${name} "$@" >>"${join(place, 'log')}"`;
plant('bin/cargo', note('cargo'));
// What node reads of cargo's messages in tools/bench.
plant('bin/node', `[ "$1" = -e ] && printf 'bare\\tBARE\\nseed\\tSEED\\n' || ${note('node')}`);
// As sudo, which keeps nothing of an environment; and what a script begins anew in, as root.
plant('bin/env', 'exec /usr/bin/env -i "$@"');
plant('bin/sudo', 'exec "$@"');
plant('bin/unshare', note('unshare "$LATCHKEY_PROFILE"'));
plant('cache/latchkey/tools/bin/cargo-deb', note('cargo-deb'));

/** Our own environment, with none of what a run by make, or somebody's choice, has put into it. */
function environment(more) {
  const ours = { ...process.env, CARGO_TARGET_DIR: target, XDG_CACHE_HOME: join(place, 'cache') };
  for (const name of Object.keys(ours))
    if (/^(MAKE|MFLAGS|LATCHKEY_)/.test(name)) delete ours[name];
  return { ...ours, ...more };
}

/** What a command prints. */
function printed(command, args, more = {}) {
  const env = environment(more);
  return execFileSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** The lines of what it has started among what is planted. */
function started(script, more = {}, args = []) {
  return noted(join(root, 'tools', script), args, more);
}
function noted(command, args, more = {}) {
  rmSync(join(place, 'log'), { force: true });
  const PATH = `${join(place, 'bin')}:${process.env.PATH}`;
  printed(command, args, { PATH, ...more });
  return readFileSync(join(place, 'log'), 'utf8').trim().split('\n');
}

/** What make would have cargo build. */
function built(name, more) {
  const lines = printed('make', ['-n', name], more).split('\n');
  return lines.filter((line) => line.startsWith('cargo build'));
}

test('make compiles for speed what is passed on or measured, and nothing else', () => {
  for (const name of FOR_SPEED)
    assert.deepEqual(built(name), ['cargo build --profile dist'], name);
  for (const name of DAILY)
    assert.deepEqual(built(name), ['cargo build --profile release'], name);
  assert.equal(printed('make', ['-s', 'where']), join(target, 'release/latchkey'));
});

test('whoever only tries it is spared the long build, and the other way round', () => {
  for (const name of [...FOR_SPEED, ...DAILY])
    for (const profile of ['release', 'dist'])
      assert.deepEqual(
        built(name, { LATCHKEY_PROFILE: profile }),
        [`cargo build --profile ${profile}`],
        name,
      );
  const where = printed('make', ['-s', 'where'], { LATCHKEY_PROFILE: 'dist' });
  assert.equal(where, join(target, 'dist/latchkey'));
});

test('make clean knows both', () => {
  const ours = '--package desk --package app --package server --package testkit';
  assert.deepEqual(
    noted('make', ['clean']),
    ['release', 'dist'].map((profile) => `cargo clean --profile ${profile} ${ours}`),
  );
  assert.ok(existsSync(join(target, 'dist/latchkey')), 'the rest stays');
});

test('each script takes what make has built for it', () => {
  const asks = '. tools/common.sh; echo "$LATCHKEY_BINARY $LATCHKEY_TESTKIT"';
  const taken = (script, more) => printed('bash', ['-c', asks, `tools/${script}`], more);
  const of = (profile) =>
    ['latchkey', 'latchkey-testkit'].map((name) => join(target, profile, name)).join(' ');
  for (const script of readdirSync(join(root, 'tools')).filter((name) => !name.includes('.'))) {
    const profile = [...FOR_SPEED, 'package-files'].includes(script) ? 'dist' : 'release';
    assert.equal(taken(script), of(profile), script);
  }
  for (const script of ['deb', 'dev']) {
    assert.equal(taken(script, { LATCHKEY_PROFILE: 'release' }), of('release'), script);
    assert.equal(taken(script, { LATCHKEY_PROFILE: 'dist' }), of('dist'), script);
  }
});

test('a test of packages packages what the tests have compiled', () => {
  for (const [requested, profile] of [[{}, 'release'], [{ LATCHKEY_PROFILE: 'dist' }, 'dist']]) {
    const [made, alone] = started('test-deb', requested);
    const folder = join(target, profile, 'deb');
    assert.match(made, new RegExp(`^cargo-deb .*--profile ${profile} .*--output ${folder}/latch`));
    assert.match(alone, new RegExp(`^unshare ${profile} .*test-deb ${folder}/latchkey_.*deb$`));
    assert.match(started('test-container', requested)[0], new RegExp(`^unshare ${profile} `));
  }

  const dist = join(root, 'dist');
  const made = () =>
    existsSync(dist) && readdirSync(dist).map((name) => [name, statSync(join(dist, name)).mtimeMs]);
  const before = made();
  const { stdout } = spawnSync(join(root, 'tools/test-tarball'), {
    env: environment(),
    encoding: 'utf8',
  });
  assert.match(stdout, /^ok: each file is what its sum says$/m);
  assert.match(stdout, /^FAILED: the program says its version\n.*\nfound: +release$/m);
  assert.deepEqual(made(), before, 'what is to be published stays as it is');
});

test('all other tests are of what the tests have compiled, whatever is requested for', () => {
  const { status, stderr } = spawnSync(join(root, 'tools/test'), ['none'], {
    env: environment({ LATCHKEY_PROFILE: 'neither' }),
    encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /tools\/test knows/);
});

test('a profile that is none is refused', () => {
  const { status, stderr } = spawnSync(join(root, 'tools/package-files'), {
    env: environment({ LATCHKEY_PROFILE: 'debug' }),
    encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /LATCHKEY_PROFILE is release or dist, not 'debug'/);
});

test('what is not built yet is said, with what builds it', () => {
  const { status, stderr } = spawnSync(join(root, 'tools/bench-mixed'), {
    env: environment({ CARGO_TARGET_DIR: join(place, 'empty') }),
    encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /there is no .*dist\/latchkey: run LATCHKEY_PROFILE=dist make build/);
});

for (const [requested, profile] of [[{}, 'dist'], [{ LATCHKEY_PROFILE: 'release' }, 'release']]) {
  test(`packages are of the program of ${profile}`, () => {
    const files = printed(join(root, 'tools/package-files'), [], requested);
    assert.equal(files, join(target, profile, 'package'));
    assert.equal(readFileSync(join(files, 'man/latchkey.1'), 'utf8'), `${profile}\n`);

    const [made] = started('deb', requested, [join(place, 'dist')]);
    assert.match(made, new RegExp(`^cargo-deb .*--profile ${profile} .*--output ${place}/dist/`));

    const image = join(place, 'image');
    printed(join(root, 'tools/container'), [image], requested);
    assert.equal(printed(join(image, 'tree/usr/bin/latchkey'), []), profile);

    const tarball = printed(join(root, 'tools/tarball'), [join(place, 'dist')], requested);
    assert.equal(dirname(tarball), join(place, 'dist'));
    const list = ['-xzOf', tarball, '--wildcards', '*/latchkey', '*/man/man1/latchkey.1'];
    assert.match(printed('tar', list), new RegExp(`echo ${profile}$`, 'm'));
  });

  test(`measured is the program of ${profile}`, () => {
    const [program, kit] = ['latchkey', 'latchkey-testkit'].map((it) => join(target, profile, it));
    assert.deepEqual(started('bench-mixed', requested), [
      `node tools/bench-mixed.mjs ${program} ${kit}`,
    ]);
    assert.deepEqual(started('bench-scale', { ...requested, SIZES: '10 20' }), [
      `node tools/bench-scale.mjs ${program} ${kit} 10 20`,
    ]);
    const [compiled, measured] = started('bench', { ...requested, ONLY_SERVER: '1' });
    assert.match(compiled, new RegExp(`^cargo bench --profile ${profile} --no-run --bench bare `));
    assert.equal(measured, `node tools/bench.mjs ${program} ${kit} BARE SEED`);
  });
}
