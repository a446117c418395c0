import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** A shell line with a button that copies it. */
export function CopyableCommand({ command }: { command: string }): JSX.Element {
  const code = useRef<HTMLElement>(null);
  const [label, setLabel] = useState('Copy');
  const copy = async (): Promise<void> => {
    const done = await copyText(command, code.current);
    setLabel(done ? 'Copied' : 'Press Ctrl+C');
    setTimeout(() => setLabel('Copy'), 2000);
  };
  return (
    <div class="command">
      <code ref={code}>{command}</code>
      <button type="button" aria-live="polite" onClick={copy}>
        {label}
      </button>
    </div>
  );
}

/**
 * Copies by the clipboard API; where a browser refuses it to a local file, by selecting the shown
 * text and the old command. If both are refused the text is left selected for the reader's hand.
 */
async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = getSelection();
    if (shown === null || selection === null) return false;
    selection.selectAllChildren(shown);
    return document.execCommand('copy');
  }
}
