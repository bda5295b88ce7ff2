/**
 * How fast images are fetched from a server that answers after 20 ms, beside img2dataset where a Python with
 * it is named; both in turn, several rounds, with as many connections, and the same addresses:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/fetch.ts --peer-python <python with img2dataset>
 *
 * The server is a process of its own; what it can give at most, and how busy it was, is printed too. A side's
 * `seconds` is its time from the first request to the last image on the disk; `wholeSeconds` has everything
 * that its call did (ours: lock, plan, tables; theirs: their processes' start).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { medianOf, OptionsError } from '@janus/core';
import { renderFace, sampleFace } from '@janus/faces';
import type { Served } from './fetch-server.js';

const { values } = parseArgs({
  options: {
    'peer-python': { type: 'string' },
    images: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '4' },
    'latency-ms': { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
/** What our programs are started with, as `janus` starts its own. */
const NODE = ['--import', 'tsx', '--conditions=@janus/source'];
/** A generated face of this side is a file of 21 KB. */
const SIDE = 320;
const FACES = 60;

/** What a side's program prints. */
interface Side {
  readonly images: number;
  readonly seconds: number;
  readonly wholeSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

async function drawImages(folder: string): Promise<number> {
  let bytes = 0;
  await mkdir(folder);
  for (let person = 0; person < FACES; person++) {
    const file = await renderFace(sampleFace({ seed: 1, person, image: 0 }), { size: SIDE });
    bytes += file.length;
    await writeFile(join(folder, `${person}.jpg`), file);
  }
  return bytes / FACES;
}

async function messageOf<T>(child: ChildProcess): Promise<T> {
  return await new Promise((resolve, reject) => {
    const lost = (): void => {
      reject(new Error('the server ended'));
    };
    child.once('exit', lost);
    child.once('message', (message) => {
      child.off('exit', lost);
      resolve(message as T);
    });
  });
}

/** Runs a program and returns the JSON of its last line. */
async function sideOf(command: string, args: readonly string[]): Promise<Side> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const last = out.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('{')) {
    throw new OptionsError(
      `fetch: ${command} must print a JSON line, but exited ${String(status)}: ${err.trim().split('\n').at(-1) ?? ''}. Run it by hand: ${[command, ...args].join(' ')}`,
    );
  }
  return JSON.parse(last) as Side;
}

/** Returns answers a second that the server gives to a bare client with four times the connections. */
async function serverRate(port: number, connections: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const total = 6000;
  let next = 0;
  const one = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: `/${next++}.jpg`, agent }, (response) => {
        response.resume();
        response.on('end', resolve);
      }).on('error', reject);
    });
  };
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections * 4 }, async () => {
      while (next < total) await one();
    }),
  );
  agent.destroy();
  return (total / (performance.now() - began)) * 1000;
}

const images = Number(values.images);
const connections = Number(values.connections);
const python = values['peer-python'];
const folder = await mkdtemp(join(tmpdir(), 'janus-fetch-bench-'));
const server: { child?: ChildProcess } = {};

async function served(child: ChildProcess): Promise<Served> {
  const answer = messageOf<Served>(child);
  child.send('served');
  return await answer;
}

/** A side's way of being started, and what came of it. */
interface Contender {
  readonly name: string;
  readonly start: (out: string) => Promise<Side>;
  readonly found: (Side & { readonly serverCores: number })[];
}

function contenders(list: string): readonly Contender[] {
  const ours: Contender = {
    name: `janus, ${connections} connections`,
    start: (out) =>
      sideOf(process.execPath, [
        ...NODE,
        join(here, 'fetch-ours.ts'),
        list,
        out,
        String(connections),
      ]),
    found: [],
  };
  if (python === undefined) return [ours];
  const peer = (processes: number): Contender => ({
    name: `img2dataset, ${processes} x ${connections / processes} threads`,
    start: (out) =>
      sideOf(python, [
        join(here, 'fetch_peer.py'),
        list,
        out,
        String(connections),
        String(processes),
      ]),
    found: [],
  });
  return [ours, peer(1), peer(cpus().length)];
}

async function measure(): Promise<void> {
  const drawn = join(folder, 'images');
  const bytes = await drawImages(drawn);
  const child = spawn(
    process.execPath,
    [...NODE, join(here, 'fetch-server.ts'), drawn, values['latency-ms']],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  server.child = child;
  const { port } = await messageOf<{ port: number }>(child);
  const list = join(folder, 'urls.txt');
  const urls = Array.from({ length: images }, (_, i) => `http://127.0.0.1:${port}/${i}.jpg`);
  await writeFile(list, `${urls.join('\n')}\n`);
  const most = await serverRate(port, connections);
  const sides = contenders(list);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, side] of sides.entries()) {
      const before = await served(child);
      const out = join(folder, `out-${round}-${i}`);
      const found = await side.start(out);
      const after = await served(child);
      if (found.images !== images || after.requests - before.requests !== images) {
        throw new OptionsError(
          `fetch: ${side.name} must fetch ${images} images once, but got ${found.images} by ${after.requests - before.requests} requests. Look at what failed.`,
        );
      }
      const serverCores = (after.cpuSeconds - before.cpuSeconds) / found.seconds;
      side.found.push({ ...found, serverCores });
      await rm(out, { recursive: true });
    }
  }
  print(sides, { bytes, most });
}

function print(
  sides: readonly Contender[],
  facts: { readonly bytes: number; readonly most: number },
): void {
  const rows = sides.map(({ name, found }) => {
    const median = (value: (side: Contender['found'][number]) => number): number =>
      Number(medianOf(found.map(value)).toPrecision(4));
    const ours = sides[0]?.found ?? [];
    return {
      name,
      imagesPerSecond: median((side) => images / side.seconds),
      wholeImagesPerSecond: median((side) => images / side.wholeSeconds),
      rates: found.map((side) => Number((images / side.seconds).toPrecision(4))),
      /** Ours over theirs, of neighbours. */
      ratios: found.map((side, i) =>
        Number((side.seconds / (ours[i]?.seconds ?? NaN)).toPrecision(4)),
      ),
      cpuSeconds: median((side) => side.cpuSeconds),
      peakRssMb: Math.max(...found.map((side) => side.peakRssMb)),
      serverCores: median((side) => side.serverCores),
    };
  });
  const ratios = rows.map(({ name, ratios: own }) => ({ name, ratio: medianOf(own) }));
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ images, connections, ...facts, rows })}\n`);
    return;
  }
  const latency = Number(values['latency-ms']);
  process.stdout.write(
    `${images} images of ${(facts.bytes / 1000).toFixed(1)} KB, ${connections} connections, answers after ${latency} ms: at most ${((connections / latency) * 1000).toFixed(0)}/s\n` +
      `the server gives ${facts.most.toFixed(0)}/s to a bare client with ${connections * 4} connections\n`,
  );
  for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  for (const { name, ratio } of ratios.slice(1)) {
    process.stdout.write(`${ratio.toFixed(2)} times ${name}\n`);
  }
}

try {
  await measure();
} finally {
  server.child?.disconnect();
  await rm(folder, { recursive: true, force: true });
}
