/**
 * Returns a signal that never fires and calls `onLook` with 1, 2, 3, … each time somebody asks whether it has: whatever works
 * piece by piece asks before each piece, so a test can change the world in the middle of it.
 */
export function lookedAtSignal(onLook: (count: number) => void): AbortSignal {
  const { signal } = new AbortController();
  let count = 0;
  return Object.defineProperty(signal, 'aborted', {
    get: () => {
      count += 1;
      onLook(count);
      return false;
    },
  });
}
