import { runGoldenScripts } from '../../testing/golden-script.ts';
import { SessionWorld } from '../../testing/session-world.ts';

runGoldenScripts(new URL('./testdata/', import.meta.url), () => new SessionWorld());
