import { runGoldenScripts } from '../../testing/golden-script.ts';
import { SessionWorld } from '../../testing/session-world.ts';

runGoldenScripts(new URL('./testdata/', import.meta.url), () => new SessionWorld());

runGoldenScripts(
  new URL('./testdata/v5.5/', import.meta.url),
  () => new SessionWorld('v5.5.0-nightly'),
);
