import { describe, expect, it } from 'vitest';
import { OpenFiles } from '../../src/disk/open-files.ts';

/** Files that are only names, and what happened to them. */
class Desk {
  readonly events: string[] = [];
  most = 0;
  #open = 0;

  readonly open = async (path: string): Promise<AsyncDisposable & { readonly path: string }> => {
    this.events.push(`open ${path}`);
    this.most = Math.max(this.most, (this.#open += 1));
    return {
      path,
      [Symbol.asyncDispose]: async () => {
        this.events.push(`close ${path}`);
        this.#open -= 1;
      },
    };
  };
}

describe('open files', () => {
  it('are opened once, and closed in the end', async () => {
    const desk = new Desk();
    {
      await using files = new OpenFiles(desk.open, { limit: 2 });
      expect(await files.use('a', async ({ path }) => path)).toBe('a');
      await Promise.all([files.use('a', async () => undefined), files.use('b', async () => undefined)]);
      expect(desk.events).toEqual(['open a', 'open b']);
    }
    expect(desk.events.toSorted()).toEqual(['close a', 'close b', 'open a', 'open b']);
  });

  it('that are asked for after the end are closed again at once', async () => {
    const desk = new Desk();
    const files = new OpenFiles(desk.open, { limit: 2 });
    await files[Symbol.asyncDispose]();
    expect(await files.use('late', async ({ path }) => path)).toBe('late');
    expect(desk.events).toEqual(['open late', 'close late']);
  });

  it('make room by closing the one not used for longest', async () => {
    const desk = new Desk();
    await using files = new OpenFiles(desk.open, { limit: 2 });
    for (const path of ['a', 'b', 'a', 'c']) await files.use(path, async () => undefined);
    expect(desk.events).toEqual(['open a', 'open b', 'open c', 'close b']);
  });

  it('stay open while someone uses them', async () => {
    const desk = new Desk();
    await using files = new OpenFiles(desk.open, { limit: 1 });
    await files.use('a', async () => {
      await files.use('b', async () => undefined);
      expect(desk.events).not.toContain('close a');
    });
    await files.use('c', async () => undefined);
    expect(desk.events).toContain('close a');
  });

  it('that could not be opened are tried again', async () => {
    let tries = 0;
    await using files = new OpenFiles(
      async () => {
        tries += 1;
        if (tries === 1) throw new Error('not yet');
        return { [Symbol.asyncDispose]: async () => undefined };
      },
      { limit: 1 },
    );
    await expect(files.use('a', async () => 1)).rejects.toThrow('not yet');
    expect(await files.use('a', async () => 2)).toBe(2);
  });

  it('stay open when a task with them fails', async () => {
    const desk = new Desk();
    await using files = new OpenFiles(desk.open, { limit: 1 });
    const task = async (): Promise<void> => {
      throw new Error('oops');
    };
    await expect(files.use('a', task)).rejects.toThrow('oops');
    await files.use('a', async () => undefined);
    expect(desk.events).toEqual(['open a']);
  });
});
