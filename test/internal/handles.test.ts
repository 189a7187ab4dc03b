import { describe, expect, it } from 'vitest';
import { Handles } from '../../src/internal/handles.ts';

function handle(name: string, log: string[], failure?: Error): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      log.push(name);
      if (failure !== undefined) throw failure;
    },
  };
}

describe('Handles', () => {
  it('closes the last one first', async () => {
    const log: string[] = [];
    const handles = new Handles();
    handles.use(handle('a', log));
    handles.use(handle('b', log));
    await handles[Symbol.asyncDispose]();
    expect(log).toEqual(['b', 'a']);
  });

  it('closes nothing that has moved on', async () => {
    const log: string[] = [];
    const handles = new Handles();
    handles.use(handle('a', log));
    const moved = handles.move();
    await handles[Symbol.asyncDispose]();
    expect(log).toEqual([]);
    await moved[Symbol.asyncDispose]();
    expect(log).toEqual(['a']);
  });

  it('closes all of them even when one fails, and says so', async () => {
    const log: string[] = [];
    const handles = new Handles();
    handles.use(handle('a', log));
    handles.use(handle('b', log, new Error('stuck')));
    await expect(handles[Symbol.asyncDispose]()).rejects.toThrow('stuck');
    expect(log).toEqual(['b', 'a']);
  });
});
