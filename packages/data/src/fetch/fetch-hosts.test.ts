import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from './fetch-clock.js';
import { workByHost, type Next, type WorkByHostOptions } from './fetch-hosts.js';

interface Job {
  readonly id: number;
  readonly host: string;
}

async function* pieces(jobs: readonly Job[], size: number): AsyncGenerator<readonly Job[], void> {
  for (let i = 0; i < jobs.length; i += size) {
    await Promise.resolve();
    yield jobs.slice(i, i + size);
  }
}

const DONE: Next<Job> = { kind: 'done' };

/** A clock that moves only when it is told to. */
function stoppedClock(): Clock & { readonly advance: (ms: number) => void } {
  let time = 0;
  const waits = new Set<{ readonly at: number; readonly callBack: () => void }>();
  return {
    now: () => time,
    after: (ms, callBack) => {
      const wait = { at: time + ms, callBack };
      waits.add(wait);
      return () => waits.delete(wait);
    },
    advance: (ms) => {
      time += ms;
      for (const wait of [...waits].filter(({ at }) => at <= time)) {
        waits.delete(wait);
        wait.callBack();
      }
    },
  };
}

/** Lets `turns` turns of the event loop pass. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

function options(
  jobs: readonly Job[],
  own: Partial<WorkByHostOptions<Job>> & Pick<WorkByHostOptions<Job>, 'work'>,
): WorkByHostOptions<Job> {
  return {
    source: pieces(jobs, 7),
    hostOf: ({ host }) => host,
    concurrency: 5,
    perHost: 2,
    window: 20,
    ...own,
  };
}

const jobsOf = (hosts: readonly string[]): readonly Job[] =>
  hosts.map((host, id) => ({ id, host }));

describe('workByHost', () => {
  it('does every job once, under both limits, and takes no more than a window and a piece', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 60 }),
        fc.record({
          concurrency: fc.integer({ min: 1, max: 6 }),
          perHost: fc.integer({ min: 1, max: 4 }),
          window: fc.integer({ min: 1, max: 30 }),
        }),
        async (hosts, limits) => {
          const done: number[] = [];
          const active = new Map<string, number>();
          let all = 0;
          let idle = 0;
          const work = async ({ id, host }: Job): Promise<Next<Job>> => {
            all += 1;
            active.set(host, (active.get(host) ?? 0) + 1);
            expect(all).toBeLessThanOrEqual(limits.concurrency);
            expect(active.get(host)).toBeLessThanOrEqual(limits.perHost);
            await turns((id % 3) + 1);
            all -= 1;
            active.set(host, (active.get(host) ?? 0) - 1);
            done.push(id);
            return DONE;
          };
          const onIdle = (): void => {
            idle += 1;
          };
          await workByHost(options(jobsOf(hosts), { ...limits, work, onIdle }));
          expect(done.sort((a, b) => a - b)).toEqual(hosts.map((_, i) => i));
          expect(idle).toBeGreaterThanOrEqual(new Set(hosts).size);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('continues with other hosts while one is held, and with the held one after that', async () => {
    const order: string[] = [];
    const clock = stoppedClock();
    let refused = false;
    await workByHost(
      options(jobsOf(['a', 'a', 'b', 'b', 'b']), {
        perHost: 1,
        clock,
        work: async (job) => {
          order.push(`${job.host}${job.id}`);
          await turns(1);
          if (job.id === 4) setImmediate(clock.advance, 41);
          if (refused || job.host !== 'a') return DONE;
          refused = true;
          return { kind: 'again', item: job, waitMs: 40, holdHost: true };
        },
      }),
    );
    expect(order[0]).toBe('a0');
    // While it is held, neither it nor its neighbour is asked.
    expect(order.slice(1, 4)).toEqual(['b2', 'b3', 'b4']);
    expect(order.slice(4)).toEqual(['a0', 'a1']);
  });

  it('lets a job that waits give way to others of its host', async () => {
    const order: number[] = [];
    const clock = stoppedClock();
    await workByHost(
      options(jobsOf(['a', 'a', 'a']), {
        perHost: 1,
        clock,
        work: async (job) => {
          await turns(1);
          order.push(job.id);
          if (job.id === 2) setImmediate(clock.advance, 30);
          const again = job.id === 0 && order.length === 1;
          return again ? { kind: 'again', item: job, waitMs: 30, holdHost: false } : DONE;
        },
      }),
    );
    expect(order).toEqual([0, 1, 2, 0]);
  });

  it('counts a job that moves to another host there', async () => {
    const order: string[] = [];
    await workByHost(
      options(jobsOf(['a', 'a', 'a', 'a']), {
        perHost: 1,
        work: async (job) => {
          order.push(`+${job.host}`);
          await turns(2);
          order.push(`-${job.host}`);
          if (job.host === 'b') return DONE;
          return { kind: 'again', item: { ...job, host: 'b' }, waitMs: 0, holdHost: false };
        },
      }),
    );
    const atB = order.filter((each) => each.endsWith('b'));
    expect(atB).toEqual(['+b', '-b', '+b', '-b', '+b', '-b', '+b', '-b']);
  });

  it('ends with the first failure, after what is under way', async () => {
    let ended = 0;
    const running = workByHost(
      options(jobsOf(['a', 'b', 'c', 'd', 'e', 'f', 'g']), {
        work: async ({ host }) => {
          await turns(host === 'a' ? 1 : 3);
          ended += 1;
          if (host === 'a') throw new Error('no space');
          return DONE;
        },
      }),
    );
    await expect(running).rejects.toThrow('no space');
    expect(ended).toBe(5);
  });

  it('fails when the source does', async () => {
    async function* broken(): AsyncGenerator<readonly Job[], void> {
      yield jobsOf(['a']);
      await turns(1);
      throw new Error('unreadable');
    }
    const running = workByHost(
      options([], { source: broken(), work: async () => await Promise.resolve(DONE) }),
    );
    await expect(running).rejects.toThrow('unreadable');
  });

  it('starts nothing after the signal, and leaves waiting jobs undone', async () => {
    const controller = new AbortController();
    let started = 0;
    await workByHost(
      options(jobsOf(Array<string>(50).fill('a')), {
        signal: controller.signal,
        clock: stoppedClock(),
        work: async (job) => {
          started += 1;
          await turns(1);
          if (started >= 4) controller.abort();
          return { kind: 'again', item: job, waitMs: 60_000, holdHost: false };
        },
      }),
    );
    expect(started).toBeLessThanOrEqual(5);
  });
});
