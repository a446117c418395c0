import { type JSX, render } from 'preact';
import { unpack } from './unpack.ts';

/**
 * Draws a page from the data inside it. `what` names the page to a reader whose copy cannot be read
 * (cut off, or an old browser).
 */
export async function mount<Data>(what: string, draw: (data: Data) => JSX.Element): Promise<void> {
  const place = document.getElementById('page');
  if (place === null) return;
  try {
    const packed = document.getElementById('data')?.textContent ?? '';
    render(draw((await unpack(packed)) as Data), place);
  } catch (error) {
    render(
      <p>
        This {what} cannot be read: {String(error)}
      </p>,
      place,
    );
    throw error;
  }
}
