/**
 * How much longer one input takes that is `times` as long than as many short ones: about 1 where the cost is linear, about
 * `times` where it is quadratic. By the process's own time, as others may be busy.
 */
export function growth(work: (size: number) => void, size: number, times: number): number {
  work(size); // warm-up
  const short = cost(() => {
    for (let i = 0; i < times; i++) work(size);
  });
  return cost(() => work(size * times)) / Math.max(short, 1000);
}

/** In microseconds. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
