import { runGoldenScripts } from '../../testing/golden-script.ts';
import { TikvScript } from '../../testing/tikv-script.ts';

runGoldenScripts(new URL('testdata/', import.meta.url), () => new TikvScript());
