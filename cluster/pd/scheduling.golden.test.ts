import { runGoldenScripts } from '../../testing/golden-script.ts';
import { PdScript } from '../../testing/pd-script.ts';

runGoldenScripts(new URL('testdata/', import.meta.url), () => new PdScript());
