/** Whether the promise resolves in time. It goes on by itself if not; its failure is this call's. */
export async function within(work: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is yes or time is up. */
export async function eventually(ask: () => Promise<boolean>, milliseconds: number, every = 10): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await ask()) return true;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  return false;
}
