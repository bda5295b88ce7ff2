import { afterEach, describe, expect, it } from 'vitest';
import { currentScreen, kernelScreen, type DisplayMessage } from './kernel-screen.js';
import { textScreen } from './screen.js';

const kernel = globalThis as { __tslab__?: unknown };
afterEach(() => {
  delete kernel.__tslab__;
});

describe('a kernel’s screen', () => {
  it('sends all forms in one message, and later contents as updates of the same display', () => {
    const sent: { message: DisplayMessage; isUpdate: boolean }[] = [];
    const panel = kernelScreen((message, isUpdate) => {
      sent.push({ message, isUpdate });
    }).panel();
    panel.set({ 'text/plain': 'a', 'image/png': 'AA==' });
    panel.set({ 'text/plain': 'b' });
    expect(sent.map(({ isUpdate }) => isUpdate)).toEqual([false, true]);
    expect(sent[0]?.message.data).toEqual({ 'text/plain': 'a', 'image/png': 'AA==' });
    expect(sent[1]?.message.transient).toEqual(sent[0]?.message.transient);
  });

  it('is that of the cell that runs, found through what tslab gives to cells', () => {
    const written: unknown[] = [];
    kernel.__tslab__ = {
      require: (id: string) =>
        id === 'tslab/dist/jupyter.js'
          ? { lastWriteDisplayData: (message: DisplayMessage) => written.push(message.data) }
          : {},
    };
    const screen = currentScreen();
    expect(screen.rich).toBe(true);
    screen.panel().set({ 'text/plain': 'a' });
    expect(written).toEqual([{ 'text/plain': 'a' }]);
  });

  it('is text where no kernel runs', () => {
    expect(currentScreen().rich).toBe(false);
  });
});

describe('a text screen', () => {
  it('prints each content once', () => {
    const lines: string[] = [];
    const panel = textScreen((line) => lines.push(line)).panel();
    for (const text of ['a', 'a', 'b']) panel.set({ 'text/plain': text });
    expect(lines).toEqual(['a\n', 'b\n']);
  });
});
